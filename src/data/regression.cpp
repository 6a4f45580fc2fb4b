// make_regression: a random linear model of normal inputs, well conditioned or of low effective rank.
#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "data/draw.h"

namespace gradus::data {
namespace {

using Vectors = std::vector<std::vector<double>>;

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// `count` random orthonormal vectors of `length`: Gram-Schmidt, done twice for full accuracy (Giraud et al.
// 2005).
Vectors orthonormal(std::size_t count, std::size_t length, const RandomSequence& random) {
  Vectors vectors(count, std::vector<double>(length));
  for (std::size_t k = 0; k < count; ++k) {
    std::vector<double>& v = vectors[k];
    for (std::size_t i = 0; i < length; ++i) v[i] = random.normal(k * length + i);
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t j = 0; j < k; ++j) {
        const double overlap = dot(v, vectors[j]);
        for (std::size_t i = 0; i < length; ++i) v[i] -= overlap * vectors[j][i];
      }
    }
    const double norm = std::sqrt(dot(v, v));
    for (double& element : v) element /= norm;
  }
  return vectors;
}

// u s v^T with singular values (1 - tail) exp(-(i / rank)^2) + tail exp(-0.1 i / rank).
void fill_low_rank(std::span<double> x, std::size_t rows, std::size_t width,
                   const RegressionOptions& options) {
  const std::size_t count = std::min(rows, width);
  const Vectors u = orthonormal(count, rows, draws(options.seed, Draw::features));
  const Vectors v = orthonormal(count, width, draws(options.seed, Draw::mixing));
  const auto rank = static_cast<double>(options.effective_rank);
  for (std::size_t k = 0; k < count; ++k) {
    const double relative = static_cast<double>(k) / rank;
    const double s = (1.0 - options.tail_strength) * std::exp(-relative * relative) +
                     options.tail_strength * std::exp(-0.1 * relative);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < width; ++j) x[i * width + j] += s * u[k][i] * v[k][j];
    }
  }
}

void check(const RegressionOptions& o) {
  require(Fault::usage, o.n_informative >= 0 && o.n_targets >= 1 && o.effective_rank >= 0,
          "make_regression: n_targets must be 1 or more, n_informative and effective_rank 0 or more, got {}, "
          "{}, {}.",
          o.n_targets, o.n_informative, o.effective_rank);
  require(Fault::usage, o.tail_strength >= 0.0 && o.tail_strength <= 1.0,
          "make_regression: tail_strength must lie in 0 to 1, got {}.", o.tail_strength);
  require(Fault::usage, std::isfinite(o.bias), "make_regression: bias must be a finite number, got {}.",
          o.bias);
}

}  // namespace

Dataset make_regression(const RegressionOptions& options) {
  check(options);
  const Tensor x = make_table("make_regression", options.n_samples, options.n_features);
  const auto rows = static_cast<std::size_t>(options.n_samples);
  const auto width = static_cast<std::size_t>(options.n_features);
  const auto targets = static_cast<std::size_t>(options.n_targets);
  const Tensor table = make_table("make_regression", options.n_samples, options.n_targets);
  const auto inputs = x.values<double>();
  if (options.effective_rank > 0) {
    fill_low_rank(inputs, rows, width, options);
  } else {
    const RandomSequence normals = draws(options.seed, Draw::features);
    for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i] = normals.normal(i);
  }
  // The features that count are a random choice, or the first ones without a shuffle.
  std::vector<std::int64_t> order(width);
  permute(order, draws(options.seed, Draw::columns));
  const RandomSequence coefficients = draws(options.seed, Draw::coefficients);
  const auto outputs = table.values<double>();
  const std::size_t informative = std::min(width, static_cast<std::size_t>(options.n_informative));
  for (std::size_t k = 0; k < targets; ++k) {
    for (std::size_t row = 0; row < rows; ++row) outputs[row * targets + k] = options.bias;
    for (std::size_t j = 0; j < informative; ++j) {
      const std::size_t feature = options.shuffle ? static_cast<std::size_t>(order[j]) : j;
      const double coefficient = 100.0 * coefficients.uniform(j * targets + k);
      for (std::size_t row = 0; row < rows; ++row)
        outputs[row * targets + k] += coefficient * inputs[row * width + feature];
    }
  }
  add_noise("make_regression", table, options.noise, options.seed);
  const Tensor y = targets == 1 ? table.reshaped(Shape{options.n_samples}) : table;
  return finish(x, y, 0, options.shuffle, options.seed);
}

}  // namespace gradus::data
