// tanh: the hyperbolic tangent.
#include "nn/layer_def.h"
#include "nn/onnx.h"

namespace gradus::nn {

Tanh::Tanh()
    : Activation(
          "tanh", [](const Value& x) { return gradus::tanh(x); }, false, onnx_op("Tanh")) {}

extern const LayerDef tanh_layer = {
    .kind = "tanh", .doc = "the hyperbolic tangent", .make = make_plain<Tanh>, .activation = true};

}  // namespace gradus::nn
