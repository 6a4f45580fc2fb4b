// What the layers that apply one op per element share.
#include "gradus/nn.h"
#include "gradus/onnx_form.h"

namespace gradus::nn {

Activation::Activation(std::string kind, Function function, std::optional<bool> rectifies,
                       OnnxFunction onnx_function)
    : Layer(std::move(kind)),
      function_(std::move(function)),
      onnx_function_(std::move(onnx_function)),
      rectifies_(rectifies) {}

Value Activation::build(const Value& x, const Pass&) const { return function_(x); }

OnnxValue Activation::onnx(OnnxWriter& to, const OnnxValue& x) const {
  return onnx_function_ ? onnx_function_(to, x) : Layer::onnx(to, x);
}

}  // namespace gradus::nn
