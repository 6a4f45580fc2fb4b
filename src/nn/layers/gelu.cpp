// gelu: x times the normal distribution function.
#include <numbers>

#include "nn/layer_def.h"
#include "nn/onnx.h"

namespace gradus::nn {

namespace {

// x (1 + erf(x / sqrt(2))) / 2
OnnxValue gelu_onnx(OnnxWriter& to, const OnnxValue& x) {
  const OnnxValue scaled = onnx_binary(to, "Div", x, to.number("sqrt_2", std::numbers::sqrt2));
  const OnnxValue above = onnx_binary(to, "Add", onnx_op("Erf")(to, scaled), to.number("one", 1));
  return onnx_binary(to, "Mul", onnx_binary(to, "Mul", x, above.name), to.number("half", 0.5));
}

}  // namespace

Gelu::Gelu()
    : Activation(
          "gelu", [](const Value& x) { return gradus::gelu(x); }, true, gelu_onnx) {}

extern const LayerDef gelu_layer = {.kind = "gelu",
                                    .doc = "x times the normal distribution function",
                                    .make = make_plain<Gelu>,
                                    .activation = true};

}  // namespace gradus::nn
