// How the numbers of an array spread.
#pragma once

#include <cstdint>
#include <vector>

#include "gradus/tensor.h"

namespace gradus::train {

// Of the finite elements; counts are of equal parts of [low, high].
struct Histogram {
  std::int64_t size = 0;                                  // of all elements
  double zeros = 0;                                       // the share of all elements that are 0
  double low = 0, high = 0, mean = 0, std = 0, norm = 0;  // norm: Euclidean
  std::int64_t not_finite = 0;
  std::vector<std::int64_t> counts;  // none if nothing was finite
};
Histogram histogram_of(const Tensor& array, std::size_t parts);

}  // namespace gradus::train
