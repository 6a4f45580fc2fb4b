// silu: x sigmoid(x).
#include "nn/layer_def.h"

namespace gradus::nn {

Silu::Silu()
    : Activation(
          "silu", [](const Value& x) { return gradus::silu(x); }, true) {}

extern const LayerDef silu_layer = {
    .kind = "silu", .doc = "x sigmoid(x)", .make = make_plain<Silu>, .activation = true};

}  // namespace gradus::nn
