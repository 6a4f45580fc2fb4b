// leaky_relu: x, or slope x where x < 0.
#include "nn/layer_def.h"
#include "nn/onnx.h"

namespace gradus::nn {

LeakyRelu::LeakyRelu(const LeakyReluOptions& options)
    : Activation(
          "leaky_relu", [options](const Value& x) { return gradus::leaky_relu(x, options); }, true,
          onnx_op("LeakyRelu", {{"alpha", options.slope}})) {}

extern const LayerDef leaky_relu_layer = {
    .kind = "leaky_relu",
    .doc = "x, or slope x where x < 0",
    .options = {{.name = "slope", .type = OptionDef::Type::number, .doc = "slope left of 0", .preset = 0.01}},
    .main = "slope",
    .make = [](const LayerOptions& options, const Shape&, const Making&) -> LayerPtr {
      return std::make_shared<LeakyRelu>(LeakyReluOptions{options.number("slope")});
    },
    .activation = true};

}  // namespace gradus::nn
