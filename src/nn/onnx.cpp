#include "nn/onnx.h"

#include <fmt/format.h>

#include "base/check.h"

namespace gradus::nn {

std::string OnnxWriter::variable(const Variable& variable) { return fix(variable.name(), variable.value()); }

std::string OnnxWriter::variable(const Variable& variable, const Shape& shape) {
  return fix(variable.name(), variable.value().reshaped(shape));
}

std::string OnnxWriter::constant(const std::string& label, const Tensor& value) {
  return fix(path_.empty() ? label : path_ + "." + label, value);
}

std::string OnnxWriter::enter(std::string path) { return std::exchange(path_, std::move(path)); }

std::string OnnxWriter::number(const std::string& label, double value) {
  return constant(label, Tensor::scalar(value));
}

std::string OnnxWriter::integers(const std::string& label, const std::vector<std::int64_t>& list) {
  return constant(label, Tensor::of<std::int64_t>({static_cast<std::int64_t>(list.size())}, list));
}

OnnxValue Layer::write_onnx(OnnxWriter& to, const OnnxValue& x) const {
  const std::string before = to.enter(path_.empty() ? kind_ : path_);
  OnnxValue y = onnx(to, x);
  to.enter(before);
  return y;
}

OnnxValue Layer::onnx(OnnxWriter&, const OnnxValue&) const {
  fail(Fault::model, "{}: this layer has no form in ONNX. Override Layer::onnx(), or leave the layer out.",
       title());
}

OnnxValue Layer::onnx_chain(OnnxWriter& to, const OnnxValue& x) const {
  OnnxValue y = x;
  for (std::size_t i = 0; i < first_chain_end(); ++i) y = children_[i]->write_onnx(to, y);
  return y;
}

std::function<OnnxValue(OnnxWriter&, const OnnxValue&)> onnx_op(std::string op, OnnxAttributes attributes) {
  return [op = std::move(op), attributes = std::move(attributes)](OnnxWriter& to, const OnnxValue& x) {
    return to.add({.op = op, .inputs = {x.name}, .attributes = attributes}, x.example);
  };
}

OnnxValue onnx_binary(OnnxWriter& to, const std::string& op, const OnnxValue& x, const std::string& other) {
  return to.add({.op = op, .inputs = {x.name, other}}, x.example);
}

// An extent of 0 stands for the input's own: that of the batch.
OnnxValue onnx_reshape(OnnxWriter& to, const OnnxValue& x, const Shape& example) {
  std::vector<std::int64_t> shape = example.list();
  shape.insert(shape.begin(), 0);
  return to.add({.op = "Reshape", .inputs = {x.name, to.integers("shape", shape)}}, example);
}

OnnxWindows onnx_windows(const std::vector<std::int64_t>& kernel, const std::vector<std::int64_t>& stride,
                         const std::vector<std::int64_t>& dilation, const Padding& padding,
                         const Shape& example, const std::string& title) {
  OnnxWindows windows{.kernel = kernel, .stride = stride, .dilation = dilation, .before = {}, .after = {}};
  for (std::size_t axis = 0; axis < kernel.size(); ++axis) {
    const std::int64_t extent = example[static_cast<int>(axis) + 1];
    const Zeros zeros =
        zeros_around(padding, {kernel[axis], stride[axis], dilation[axis]}, extent, axis, title);
    windows.before.push_back(zeros.before);
    windows.after.push_back(zeros.after);
  }
  return windows;
}

OnnxAttributes OnnxWindows::attributes() const {
  std::vector<std::int64_t> pads = before;
  pads.insert(pads.end(), after.begin(), after.end());
  return {{"kernel_shape", kernel}, {"strides", stride}, {"pads", pads}};
}

Shape OnnxWindows::output(const Shape& example, std::int64_t channels) const {
  Shape shape = example.with(0, channels);
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    const int axis = static_cast<int>(i) + 1;
    const Window window{kernel[i], stride[i], dilation[i]};
    shape = shape.with(axis, (example[axis] + before[i] + after[i] - window.reach()) / stride[i] + 1);
  }
  return shape;
}

std::vector<std::string> onnx_weighted(OnnxWriter& to, const OnnxValue& x, const Variable& weight,
                                       const Variable& bias) {
  std::vector<std::string> inputs = {x.name, to.variable(weight)};
  if (bias.defined()) inputs.push_back(to.variable(bias));
  return inputs;
}

}  // namespace gradus::nn
