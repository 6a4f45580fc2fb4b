// sigmoid: 1 / (1 + exp(-x)).
#include "nn/layer_def.h"
#include "nn/onnx.h"

namespace gradus::nn {

Sigmoid::Sigmoid()
    : Activation(
          "sigmoid", [](const Value& x) { return gradus::sigmoid(x); }, false, onnx_op("Sigmoid")) {}

extern const LayerDef sigmoid_layer = {
    .kind = "sigmoid", .doc = "1 / (1 + exp(-x))", .make = make_plain<Sigmoid>, .activation = true};

}  // namespace gradus::nn
