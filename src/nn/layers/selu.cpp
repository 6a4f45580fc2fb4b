// selu: elu scaled to keep mean 0 and variance 1.
#include "nn/layer_def.h"
#include "nn/onnx.h"

namespace gradus::nn {

Selu::Selu()
    : Activation(
          "selu", [](const Value& x) { return gradus::selu(x); }, false, onnx_op("Selu")) {}

extern const LayerDef selu_layer = {.kind = "selu",
                                    .doc = "elu scaled to keep mean 0 and variance 1",
                                    .make = make_plain<Selu>,
                                    .activation = true};

}  // namespace gradus::nn
