// gelu: x times the normal distribution function.
#include "nn/layer_def.h"

namespace gradus::nn {

Gelu::Gelu()
    : Activation(
          "gelu", [](const Value& x) { return gradus::gelu(x); }, true) {}

extern const LayerDef gelu_layer = {.kind = "gelu",
                                    .doc = "x times the normal distribution function",
                                    .make = make_plain<Gelu>,
                                    .activation = true};

}  // namespace gradus::nn
