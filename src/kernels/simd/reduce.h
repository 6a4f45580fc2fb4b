// Reductions of a tensor seen as [outer, n, inner] over its middle axis (Highway).
#pragma once

#include <cstddef>

#include "gradus/tensor.h"

namespace gradus::simd {

enum class Reduction : std::uint8_t { sum, max };

struct ReduceRun {
  const void* x = nullptr;  // [outer, n, inner]
  void* y = nullptr;        // [outer, inner]
  std::size_t outer = 1, n = 1, inner = 1;
};

using ReduceFunction = void (*)(const ReduceRun&);

ReduceFunction find_reduction(Reduction reduction, DType dtype);

}  // namespace gradus::simd
