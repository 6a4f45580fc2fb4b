// elu: x, or alpha (exp(x) - 1) where x < 0.
#include "nn/layer_def.h"
#include "nn/onnx.h"

namespace gradus::nn {

Elu::Elu(const EluOptions& options)
    : Activation(
          "elu", [options](const Value& x) { return gradus::elu(x, options); }, true,
          onnx_op("Elu", {{"alpha", options.alpha}})) {}

extern const LayerDef elu_layer = {
    .kind = "elu",
    .doc = "x, or alpha (exp(x) - 1) where x < 0",
    .options = {{.name = "alpha",
                 .type = OptionDef::Type::number,
                 .doc = "limit left of 0, negated",
                 .preset = 1.0}},
    .main = "alpha",
    .make = [](const LayerOptions& options, const Shape&, const Making&) -> LayerPtr {
      return std::make_shared<Elu>(EluOptions{options.number("alpha")});
    },
    .activation = true};

}  // namespace gradus::nn
