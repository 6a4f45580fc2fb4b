// Adaptive averages as a product with a matrix.
#pragma once

#include "gradus/tensor.h"

namespace gradus {

// f64 [windows, elements]: row i averages the elements that window i of `windows` covers.
inline Tensor averages(std::int64_t windows, std::int64_t elements) {
  Tensor matrix(DType::f64, {windows, elements});
  for (std::int64_t i = 0; i < windows; ++i) {
    const std::int64_t begin = i * elements / windows, end = ((i + 1) * elements + windows - 1) / windows;
    for (std::int64_t k = begin; k < end; ++k)
      matrix.set(i * elements + k, 1.0 / static_cast<double>(end - begin));
  }
  return matrix;
}

}  // namespace gradus
