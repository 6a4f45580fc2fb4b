// softplus: log(1 + exp(beta x)) / beta.
#include "nn/layer_def.h"

namespace gradus::nn {

Softplus::Softplus(const SoftplusOptions& options)
    : Activation("softplus", [options](const Value& x) { return gradus::softplus(x, options); }) {}

extern const LayerDef softplus_layer = {
    .kind = "softplus",
    .doc = "log(1 + exp(beta x)) / beta",
    .options =
        {{.name = "beta", .type = OptionDef::Type::number, .doc = "sharpness", .preset = 1.0, .low = 1e-6}},
    .main = "beta",
    .make = [](const LayerOptions& options, const Shape&, const Making&) -> LayerPtr {
      return std::make_shared<Softplus>(SoftplusOptions{options.number("beta")});
    },
    .activation = true};

}  // namespace gradus::nn
