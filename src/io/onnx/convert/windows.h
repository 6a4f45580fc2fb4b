// Where windows over spatial axes lie: for convolutions and pooling.
#pragma once

#include <cstdint>
#include <vector>

#include "io/onnx/call.h"

namespace gradus::io::onnx {

struct Window {
  std::int64_t size = 1, stride = 1, dilation = 1, before = 0, after = 0;
  std::int64_t reach() const { return (size - 1) * dilation + 1; }
};

// Of each spatial axis of x [N, C, ...], from strides, dilations, pads and auto_pad; `sizes` are the
// kernel's.
std::vector<Window> windows_of(const Call& call, const Shape& x, const std::vector<std::int64_t>& sizes);
// An attribute with one number for each spatial axis.
std::vector<std::int64_t> each_axis(const Call& call, std::string_view name, std::size_t axes,
                                    std::int64_t preset);

}  // namespace gradus::io::onnx
