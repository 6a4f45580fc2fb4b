// Images of bytes as the numbers a network reads, at the machine's full width.
#pragma once

#include <cstdint>
#include <span>

namespace gradus::data {

// to[i] = from[i] / 255, rounded once: a product with 1/255 would round differently.
void pixels_as_shares(std::span<const std::uint8_t> from, float* to);
// to[i] = scale from[i] + shift, each operation rounded.
void pixels_scaled(std::span<const std::uint8_t> from, float scale, float shift, float* to);

}  // namespace gradus::data
