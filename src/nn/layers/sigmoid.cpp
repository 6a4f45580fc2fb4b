// sigmoid: 1 / (1 + exp(-x)).
#include "nn/layer_def.h"

namespace gradus::nn {

Sigmoid::Sigmoid() : Activation("sigmoid", [](const Value& x) { return gradus::sigmoid(x); }) {}

extern const LayerDef sigmoid_layer = {
    .kind = "sigmoid", .doc = "1 / (1 + exp(-x))", .make = make_plain<Sigmoid>, .activation = true};

}  // namespace gradus::nn
