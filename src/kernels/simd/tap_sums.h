// Sums of shifted places (Highway): what is left of a convolution once its taps are columns of one product.
#pragma once

#include <cstdint>
#include <span>

namespace gradus::simd {

// Elements behind the last place that tap_sums() may read.
inline constexpr std::int64_t kTapSumsSlack = 64;

// y[place, 0 .. width) = sum over taps of taps[t][place * step, ...], in the order of the taps; `places` of
// them, dense in y.
using TapSums = void (*)(std::span<const float* const> taps, std::int64_t step, std::int64_t width,
                         std::int64_t places, float* y);
TapSums find_tap_sums();

}  // namespace gradus::simd
