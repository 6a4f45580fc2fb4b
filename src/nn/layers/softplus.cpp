// softplus: log(1 + exp(beta x)) / beta.
#include "nn/layer_def.h"
#include "nn/onnx.h"

namespace gradus::nn {

namespace {

OnnxValue softplus_onnx(OnnxWriter& to, const OnnxValue& x, double beta) {
  if (beta == 1) return onnx_op("Softplus")(to, x);
  const std::string sharpness = to.number("beta", beta);
  const OnnxValue y = onnx_op("Softplus")(to, onnx_binary(to, "Mul", x, sharpness));
  return onnx_binary(to, "Div", y, sharpness);
}

}  // namespace

Softplus::Softplus(const SoftplusOptions& options)
    : Activation(
          "softplus", [options](const Value& x) { return gradus::softplus(x, options); }, false,
          [options](OnnxWriter& to, const OnnxValue& x) { return softplus_onnx(to, x, options.beta); }) {}

extern const LayerDef softplus_layer = {
    .kind = "softplus",
    .doc = "log(1 + exp(beta x)) / beta",
    .options =
        {{.name = "beta", .type = OptionDef::Type::number, .doc = "sharpness", .preset = 1.0, .low = 1e-6}},
    .main = "beta",
    .make = [](const LayerOptions& options, const Shape&, const Making&) -> LayerPtr {
      return std::make_shared<Softplus>(SoftplusOptions{options.number("beta")});
    },
    .activation = true};

}  // namespace gradus::nn
