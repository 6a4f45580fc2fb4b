// What the generators share: their random numbers, their bounds, and the last steps of each.
#pragma once

#include <cstdint>
#include <string>

#include "base/philox.h"
#include "base/streams.h"
#include "gradus/data.h"

namespace gradus::data {

// The random sequences of a generator, one stream for each purpose.
enum class Draw : std::uint32_t {
  features,
  noise,
  order,
  columns,
  centers,
  mixing,
  redundancy,
  labels,
  flips,
  shifts,
  scales,
  repeats,
  coefficients
};

inline RandomSequence draws(std::uint64_t seed, Draw purpose) {
  return {seed, stream::kGenerator + static_cast<std::uint32_t>(purpose)};
}

// A zeroed f64 [rows, columns]. Error (Fault::usage) for less than one of either, or too many elements.
Tensor make_table(const std::string& generator, std::int64_t rows, std::int64_t columns);

// x += N(0, deviation^2). Error (Fault::usage) if the deviation is negative or not finite.
void add_noise(const std::string& generator, const Tensor& x, double deviation, std::uint64_t seed);

// The data set of x and y, its rows in random order if asked.
Dataset finish(const Tensor& x, const Tensor& y, std::int64_t classes, bool shuffle, std::uint64_t seed);

// {inner and outer} of one total, or of a pair of counts.
struct Pair {
  std::int64_t outer, inner;
};
Pair two_counts(const std::string& generator, const std::vector<std::int64_t>& n_samples);

}  // namespace gradus::data
