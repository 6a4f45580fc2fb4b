// identity: x.
#include "nn/layer_def.h"

namespace gradus::nn {

Identity::Identity()
    : Activation(
          "identity", [](const Value& x) { return x; }, std::nullopt) {}

extern const LayerDef identity_layer = {
    .kind = "identity", .doc = "x", .make = make_plain<Identity>, .activation = true};

}  // namespace gradus::nn
