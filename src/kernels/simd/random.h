// Random numbers by the vector: Philox4x32-10 (Highway), the bits of RandomSequence.
#pragma once

#include <cstdint>

#include "base/philox.h"
#include "gradus/tensor.h"

namespace gradus::simd {

// Each writes elements [begin, end) of a sequence to y[0 ...].
struct RandomFunctions {
  // 1 where uniform(i) * 2^53 < limit, else 0.
  void (*bernoulli)(const RandomSequence& random, std::uint64_t limit, void* y, std::uint64_t begin,
                    std::uint64_t end);
  // low + width uniform(i), rounded, and no more than top.
  void (*uniform)(const RandomSequence& random, double low, double width, double top, void* y,
                  std::uint64_t begin, std::uint64_t end);
};

// Null where the element type has no vector code.
const RandomFunctions* find_random(DType dtype);

}  // namespace gradus::simd
