// What layers share when they write themselves in ONNX's operators.
#pragma once

#include <functional>

#include "gradus/onnx_form.h"
#include "nn/images.h"

namespace gradus::nn {

using OnnxAttributes = std::vector<std::pair<std::string, OnnxAttribute>>;

// One node of one input and x's shape.
std::function<OnnxValue(OnnxWriter&, const OnnxValue&)> onnx_op(std::string op,
                                                                OnnxAttributes attributes = {});

// A binary node whose second input broadcasts to x.
OnnxValue onnx_binary(OnnxWriter& to, const std::string& op, const OnnxValue& x, const std::string& other);

// x under another shape of its examples.
OnnxValue onnx_reshape(OnnxWriter& to, const OnnxValue& x, const Shape& example);

// Numbers for each axis of windows that move along images or sequences, and the zeros around them.
struct OnnxWindows {
  std::vector<std::int64_t> kernel, stride, dilation, before, after;

  // All but the dilation, which pooling has not.
  OnnxAttributes attributes() const;
  // From [C, L...] to [channels, L'...].
  Shape output(const Shape& example, std::int64_t channels) const;
};
// As zeros_around() has it for each axis of `example` but the channels.
OnnxWindows onnx_windows(const std::vector<std::int64_t>& kernel, const std::vector<std::int64_t>& stride,
                         const std::vector<std::int64_t>& dilation, const Padding& padding,
                         const Shape& example, const std::string& title);

// The names of x, the weight and, where there is one, the bias.
std::vector<std::string> onnx_weighted(OnnxWriter& to, const OnnxValue& x, const Variable& weight,
                                       const Variable& bias);

}  // namespace gradus::nn
