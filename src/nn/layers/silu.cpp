// silu: x sigmoid(x).
#include "nn/layer_def.h"
#include "nn/onnx.h"

namespace gradus::nn {

Silu::Silu()
    : Activation(
          "silu", [](const Value& x) { return gradus::silu(x); }, true,
          [](OnnxWriter& to, const OnnxValue& x) {
            return onnx_binary(to, "Mul", x, onnx_op("Sigmoid")(to, x).name);
          }) {}

extern const LayerDef silu_layer = {
    .kind = "silu", .doc = "x sigmoid(x)", .make = make_plain<Silu>, .activation = true};

}  // namespace gradus::nn
