// Depthwise convolution (Highway): what a tap of the kernel does along a row of the image.
#pragma once

#include <cstdint>

#include "gradus/tensor.h"

namespace gradus::simd {

// `count` places of `channels` elements, the next one `step` elements on.
struct Row {
  std::int64_t count, channels;
};

struct DepthwiseFunctions {
  // y[p, c] += x[p, c] weight[c].
  void (*spread)(const Row&, const void* x, std::int64_t x_step, const void* weight, void* y,
                 std::int64_t y_step);
  // weight[c] += sum over p of x[p, c] y[p, c].
  void (*collect)(const Row&, const void* x, std::int64_t x_step, const void* y, std::int64_t y_step,
                  void* weight);
};

// Null where the element type has no vector code.
const DepthwiseFunctions* find_depthwise(DType dtype);

}  // namespace gradus::simd
