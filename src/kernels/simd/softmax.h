// Softmax and its relatives over rows (Highway).
#pragma once

#include <cstddef>
#include <cstdint>

#include "gradus/tensor.h"

namespace gradus::simd {

// Rows of `n` elements, shifted by their maximum.
struct SoftmaxFunctions {
  void (*softmax)(const void* x, void* y, std::int64_t rows, std::int64_t n);
  void (*log_softmax)(const void* x, void* y, std::int64_t rows, std::int64_t n);
  // Of one row: y[0] = its maximum m, y[1] = log of the sum of exp(x - m).
  void (*log_sum_exp)(const void* x, std::int64_t n, void* y);
};

// Null where the element type has no vector code.
const SoftmaxFunctions* find_softmax(DType dtype);

}  // namespace gradus::simd
