// make_blobs: isotropic Gaussian clusters.
#include <cmath>

#include "base/check.h"
#include "data/draw.h"

namespace gradus::data {
namespace {

constexpr std::int64_t kMaxCount = std::int64_t{1} << 33;  // so that sums of counts cannot overflow

// How many samples each center gets.
std::vector<std::int64_t> counts_of(const BlobsOptions& options) {
  const auto& n = options.n_samples;
  require(Fault::usage, !n.empty() && options.centers >= 0,
          "make_blobs: n_samples and centers must be 1 or more.");
  for (const std::int64_t count : n)
    require(Fault::usage, count >= 0 && count <= kMaxCount,
            "make_blobs: n_samples must lie in 1 to {}, got {}.", kMaxCount, count);
  if (n.size() > 1) {
    require(Fault::usage, options.centers == 0 || options.centers == static_cast<std::int64_t>(n.size()),
            "make_blobs: {} centers need as many counts in n_samples, got {}.", options.centers, n.size());
    return n;
  }
  const std::int64_t centers = options.centers == 0 ? 3 : options.centers;
  // The first centers take what does not divide evenly.
  std::vector<std::int64_t> counts;
  require(Fault::usage, centers <= n[0], "make_blobs: centers must be at most n_samples ({}), got {}.", n[0],
          centers);
  for (std::int64_t k = 0; k < centers; ++k) counts.push_back(n[0] / centers + (k < n[0] % centers ? 1 : 0));
  return counts;
}

}  // namespace

Dataset make_blobs(const BlobsOptions& options) {
  const std::vector<std::int64_t> counts = counts_of(options);
  require(Fault::usage, options.cluster_std.size() == 1 || options.cluster_std.size() == counts.size(),
          "make_blobs: cluster_std needs one value or one for each of {} centers, got {}.", counts.size(),
          options.cluster_std.size());
  for (const double std : options.cluster_std) {
    require(Fault::usage, std::isfinite(std) && std >= 0.0,
            "make_blobs: cluster_std must be a finite number of 0 or more, got {}.", std);
  }
  require(Fault::usage,
          std::isfinite(options.center_low) && std::isfinite(options.center_high) &&
              options.center_low <= options.center_high,
          "make_blobs: center_box needs two finite numbers in ascending order, got {} and {}.",
          options.center_low, options.center_high);
  std::int64_t rows = 0;
  for (const std::int64_t count : counts) rows += count;
  const Tensor x = make_table("make_blobs", rows, options.n_features);
  const Tensor y(DType::i64, Shape{rows});
  const auto inputs = x.values<double>();
  const auto labels = y.values<std::int64_t>();
  const RandomSequence centers = draws(options.seed, Draw::centers);
  const RandomSequence normals = draws(options.seed, Draw::features);
  const auto width = static_cast<std::size_t>(options.n_features);
  std::size_t row = 0;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const double std = options.cluster_std.size() == 1 ? options.cluster_std[0] : options.cluster_std[k];
    for (std::int64_t i = 0; i < counts[k]; ++i, ++row) {
      for (std::size_t j = 0; j < width; ++j) {
        const double center =
            options.center_low + (options.center_high - options.center_low) * centers.uniform(k * width + j);
        inputs[row * width + j] = center + std * normals.normal(row * width + j);
      }
      labels[row] = static_cast<std::int64_t>(k);
    }
  }
  return finish(x, y, static_cast<std::int64_t>(counts.size()), options.shuffle, options.seed);
}

}  // namespace gradus::data
