// relu: max(x, 0).
#include "nn/layer_def.h"
#include "nn/onnx.h"

namespace gradus::nn {

Relu::Relu()
    : Activation(
          "relu", [](const Value& x) { return gradus::relu(x); }, true, onnx_op("Relu")) {}

extern const LayerDef relu_layer = {
    .kind = "relu", .doc = "max(x, 0)", .make = make_plain<Relu>, .activation = true};

}  // namespace gradus::nn
