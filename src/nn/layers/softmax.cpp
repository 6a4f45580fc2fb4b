// softmax: exp(x) / sum of exp(x) along an axis.
#include "nn/layer_def.h"
#include "nn/onnx.h"

namespace gradus::nn {

Softmax::Softmax(const AxisOptions& options)
    : Activation(
          "softmax", [options](const Value& x) { return gradus::softmax(x, options); }, false,
          onnx_op("Softmax", {{"axis", options.axis}})) {}

extern const LayerDef softmax_layer = {
    .kind = "softmax",
    .doc = "exp(x) / sum of exp(x) along an axis",
    .options = {{.name = "axis",
                 .type = OptionDef::Type::integer,
                 .doc = "axis; negative ones count from the end",
                 .preset = std::int64_t{-1},
                 .low = -Shape::kMaxRank,
                 .high = Shape::kMaxRank - 1}},
    .main = "axis",
    .make = [](const LayerOptions& options, const Shape&, const Making&) -> LayerPtr {
      return std::make_shared<Softmax>(AxisOptions{options.integer("axis")});
    }};

}  // namespace gradus::nn
