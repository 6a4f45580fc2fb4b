// layer_norm: each example normalized over its trailing axes.
#include "base/check.h"
#include "nn/images.h"
#include "nn/onnx.h"

namespace gradus::nn {

LayerNorm::LayerNorm(const LayerNormLayerOptions& options) : Layer("layer_norm"), options_(options) {
  require(options_.shape.rank() >= 1 && options_.shape.size() >= 1,
          "layer_norm: it normalizes over at least one axis and element, its shape is {}.",
          options_.shape.str());
  require_norm("layer_norm", options_.epsilon, options_.dtype);
  weight_ = own_undecayed("weight", {options_.dtype, options_.shape}, Initializer::constant(1));
  bias_ = own_undecayed("bias", {options_.dtype, options_.shape}, Initializer::zeros());
  initialize(0);
}

Value LayerNorm::build(const Value& x, const Pass&) const {
  const int axes = options_.shape.rank();
  bool fits = x.shape().rank() > axes;
  for (int i = 1; fits && i <= axes; ++i) fits = x.shape()[-i] == options_.shape[-i];
  require(fits, "{}: x must end in the axes {}, it is {}.", title(), options_.shape.str(), x.shape().str());
  const Value normed = gradus::layer_norm(x, {.axes = axes, .epsilon = options_.epsilon});
  return normed * read(x.graph(), weight_) + read(x.graph(), bias_);
}

OnnxValue LayerNorm::onnx(OnnxWriter& to, const OnnxValue& x) const {
  return to.add(
      {.op = "LayerNormalization",
       .inputs = {x.name, to.variable(weight_), to.variable(bias_)},
       .attributes = {{"axis", -std::int64_t{options_.shape.rank()}}, {"epsilon", options_.epsilon}}},
      x.example);
}

extern const LayerDef layer_norm_layer = {
    .kind = "layer_norm",
    .doc = "each example normalized over its last axes",
    .options = {{.name = "axes",
                 .type = OptionDef::Type::integer,
                 .doc = "how many last axes; by default all of an image, else one",
                 .optional = true,
                 .low = 1,
                 .high = Shape::kMaxRank - 1},
                epsilon_option()},
    .main = "axes",
    .make = [](const LayerOptions& options, const Shape& input, const Making& making) -> LayerPtr {
      const std::int64_t axes = options.has("axes") ? options.integer("axes") : input.rank() == 3 ? 3 : 1;
      require(axes <= input.rank(), "it has no {} axes to normalize over, its input is {}.", axes,
              input.str());
      const Shape shape(std::span(input.end() - axes, input.end()));
      return std::make_shared<LayerNorm>(
          LayerNormLayerOptions{.shape = shape, .epsilon = options.number("epsilon"), .dtype = making.dtype});
    }};

}  // namespace gradus::nn
