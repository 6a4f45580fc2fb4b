#include "data/draw.h"

#include <cmath>

#include "base/check.h"

namespace gradus::data {
namespace {

constexpr std::int64_t kMaxElements = std::int64_t{1} << 33;  // 64 GiB of f64

}  // namespace

Tensor make_table(const std::string& generator, std::int64_t rows, std::int64_t columns) {
  require(Fault::usage, rows >= 1, "{}: n_samples must be 1 or more, got {}.", generator, rows);
  require(Fault::usage, columns >= 1, "{}: n_features must be 1 or more, got {}.", generator, columns);
  require(Fault::usage, rows <= kMaxElements / columns,
          "{}: n_samples times n_features must be at most {}, got {} times {}.", generator, kMaxElements,
          rows, columns);
  return Tensor(DType::f64, Shape{rows, columns});
}

void add_noise(const std::string& generator, const Tensor& x, double deviation, std::uint64_t seed) {
  require(Fault::usage, std::isfinite(deviation) && deviation >= 0.0,
          "{}: noise must be a finite number of 0 or more, got {}.", generator, deviation);
  if (deviation == 0.0) return;
  const RandomSequence random = draws(seed, Draw::noise);
  const auto values = x.values<double>();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += deviation * random.normal(i);
}

Dataset finish(const Tensor& x, const Tensor& y, std::int64_t classes, bool shuffle, std::uint64_t seed) {
  Dataset data;
  data.x = x;
  data.y = y;
  data.kind = classes > 0 ? Kind::classes : Kind::real;
  data.classes = classes;
  if (!shuffle) return data;
  std::vector<std::int64_t> order(static_cast<std::size_t>(data.size()));
  permute(order, draws(seed, Draw::order));
  return data.subset(order);
}

Pair two_counts(const std::string& generator, const std::vector<std::int64_t>& n_samples) {
  require(Fault::usage, n_samples.size() == 1 || n_samples.size() == 2,
          "{}: n_samples must be one number or two, got {}.", generator, n_samples.size());
  for (const std::int64_t count : n_samples)
    require(Fault::usage, count >= 0, "{}: n_samples must be 1 or more, got {}.", generator, count);
  if (n_samples.size() == 2) return {n_samples[0], n_samples[1]};
  return {n_samples[0] / 2, n_samples[0] - n_samples[0] / 2};
}

}  // namespace gradus::data
