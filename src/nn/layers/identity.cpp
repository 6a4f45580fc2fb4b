// identity: x.
#include "nn/layer_def.h"
#include "nn/onnx.h"

namespace gradus::nn {

Identity::Identity()
    : Activation(
          "identity", [](const Value& x) { return x; }, std::nullopt, onnx_op("Identity")) {}

extern const LayerDef identity_layer = {
    .kind = "identity", .doc = "x", .make = make_plain<Identity>, .activation = true};

}  // namespace gradus::nn
