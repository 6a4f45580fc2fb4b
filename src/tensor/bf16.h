// bf16 from and to f32: it has f32's exponent and 8 bits of precision.
#pragma once

#include <bit>
#include <cmath>

#include "gradus/tensor.h"

namespace gradus {

inline float widen(Bf16 x) { return std::bit_cast<float>(static_cast<std::uint32_t>(x) << 16); }

// To the nearest, ties to even; a NaN stays one.
inline Bf16 narrow(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  if (std::isnan(x)) return static_cast<Bf16>((bits >> 16) | 0x40u);
  return static_cast<Bf16>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

}  // namespace gradus
