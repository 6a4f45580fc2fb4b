// Generators of plane figures, and the symmetry problem.
#include <cmath>
#include <numbers>

#include "base/check.h"
#include "data/draw.h"

namespace gradus::data {
namespace {

constexpr double kPi = std::numbers::pi;

// Fills row after row of x [N, 2] and y [N].
class Points {
 public:
  Points(const std::string& generator, std::int64_t rows)
      : x(make_table(generator, rows, 2)), y(DType::i64, Shape{rows}) {}

  void add(double first, double second, std::int64_t label) {
    x.values<double>()[2 * row_] = first;
    x.values<double>()[2 * row_ + 1] = second;
    y.values<std::int64_t>()[row_++] = label;
  }

  Tensor x, y;

 private:
  std::size_t row_ = 0;
};

// Point i of `count` from 0 to `end`, both included.
double spaced(std::int64_t i, std::int64_t count, double end) {
  return count > 1 ? end * static_cast<double>(i) / static_cast<double>(count - 1) : 0.0;
}

std::int64_t total(const std::string& generator, Pair counts) {
  constexpr std::int64_t half = std::int64_t{1} << 62;
  require(Fault::usage, counts.outer < half && counts.inner < half, "{}: n_samples is too large.", generator);
  return counts.outer + counts.inner;
}

}  // namespace

Dataset make_moons(const MoonsOptions& options) {
  const Pair counts = two_counts("make_moons", options.n_samples);
  Points points("make_moons", total("make_moons", counts));
  for (std::int64_t i = 0; i < counts.outer; ++i) {
    const double angle = spaced(i, counts.outer, kPi);
    points.add(std::cos(angle), std::sin(angle), 0);
  }
  for (std::int64_t i = 0; i < counts.inner; ++i) {
    const double angle = spaced(i, counts.inner, kPi);
    points.add(1.0 - std::cos(angle), 0.5 - std::sin(angle), 1);
  }
  add_noise("make_moons", points.x, options.noise, options.seed);
  return finish(points.x, points.y, 2, options.shuffle, options.seed);
}

Dataset make_circles(const CirclesOptions& options) {
  require(Fault::usage, options.factor >= 0.0 && options.factor < 1.0,
          "make_circles: factor must lie in 0 to below 1, got {}.", options.factor);
  const Pair counts = two_counts("make_circles", options.n_samples);
  Points points("make_circles", total("make_circles", counts));
  const auto circle = [&](std::int64_t count, double radius, std::int64_t label) {
    for (std::int64_t i = 0; i < count; ++i) {
      const double angle = 2.0 * kPi * static_cast<double>(i) / static_cast<double>(count);
      points.add(radius * std::cos(angle), radius * std::sin(angle), label);
    }
  };
  circle(counts.outer, 1.0, 0);
  circle(counts.inner, options.factor, 1);
  add_noise("make_circles", points.x, options.noise, options.seed);
  return finish(points.x, points.y, 2, options.shuffle, options.seed);
}

Dataset spirals(const SpiralsOptions& options) {
  require(Fault::usage, options.n_classes >= 1 && options.n_classes <= options.n_samples,
          "spirals: n_classes must lie in 1 to n_samples ({}), got {}.", options.n_samples,
          options.n_classes);
  require(Fault::usage, std::isfinite(options.turns), "spirals: turns must be a finite number, got {}.",
          options.turns);
  Points points("spirals", options.n_samples);
  const auto arms = static_cast<double>(options.n_classes);
  for (std::int64_t arm = 0; arm < options.n_classes; ++arm) {
    // The first arms take what does not divide evenly.
    const std::int64_t count =
        options.n_samples / options.n_classes + (arm < options.n_samples % options.n_classes ? 1 : 0);
    for (std::int64_t i = 1; i <= count; ++i) {
      const double t = static_cast<double>(i) / static_cast<double>(count);
      const double angle = 2.0 * kPi * (options.turns * t + static_cast<double>(arm) / arms);
      points.add(t * std::cos(angle), t * std::sin(angle), arm);
    }
  }
  add_noise("spirals", points.x, options.noise, options.seed);
  return finish(points.x, points.y, options.n_classes, options.shuffle, options.seed);
}

Dataset symmetry(const SymmetryOptions& options) {
  constexpr std::size_t bits = 6;
  const Tensor x = make_table("symmetry", options.n_samples, bits);
  const Tensor y(DType::i64, Shape{options.n_samples});
  const auto inputs = x.values<double>();
  const auto labels = y.values<std::int64_t>();
  for (std::size_t row = 0; row < labels.size(); ++row) {
    double* pattern = inputs.data() + row * bits;
    for (std::size_t bit = 0; bit < bits; ++bit)
      pattern[bit] = static_cast<double>((row >> (bits - 1 - bit)) & 1);
    labels[row] = pattern[0] == pattern[5] && pattern[1] == pattern[4] && pattern[2] == pattern[3];
  }
  return finish(x, y, 2, options.shuffle, options.seed);
}

}  // namespace gradus::data
