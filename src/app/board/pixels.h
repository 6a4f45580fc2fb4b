// Numbers as bytes that a page can draw.
#pragma once

#include <cstdint>
#include <string>

#include "gradus/tensor.h"

namespace gradus::board {

// Planes of numbers as base64 of a byte for each: 128 is 0, 1 and 255 are -scale and scale.
struct Planes {
  std::int64_t count = 0, height = 0, width = 0;
  double scale = 0;  // the largest magnitude of a finite number
  std::string data;
};

// x [..., H, W] as planes, at most `most` of them; larger ones than `most_side` shrink by whole factors, to
// means.
Planes planes_of(const Tensor& x, std::int64_t most, std::int64_t most_side);

// An image [C, H, W] (given as any shape of as many elements) as base64 of u8 [H, W, C]; u8 as it is, other
// numbers from their smallest to their largest.
std::string image_bytes(const Tensor& x, std::int64_t channels, std::int64_t height, std::int64_t width);

}  // namespace gradus::board
