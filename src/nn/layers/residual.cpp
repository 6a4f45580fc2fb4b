// residual: x plus what its layers make of x.
#include <fmt/format.h>

#include "base/check.h"
#include "base/suggest.h"
#include "nn/images.h"
#include "nn/onnx.h"

namespace gradus::nn {

namespace {

// The smallest stride at which windows of one element give `to` outputs from `from`; 0: there is none.
std::int64_t stride_between(std::int64_t from, std::int64_t to) {
  if (to < 1 || from < to) return 0;
  const std::int64_t stride = (from + to - 1) / to;
  return (from - 1) / stride + 1 == to ? stride : 0;
}

std::vector<std::int64_t> strides_between(const Shape& from, const Shape& to) {
  std::vector<std::int64_t> strides;
  for (int axis = 1; axis < from.rank(); ++axis) {
    strides.push_back(stride_between(from[axis], to[axis]));
    require(strides.back() > 0,
            "its layers take {} to {}: no stride of a shortcut does the same. Let them shrink the image by a "
            "whole factor, with padding = \"same\".",
            from.str(), to.str());
  }
  return strides;
}

LayerPtr make_projection(const Shape& from, const Shape& to, const Making& making, bool bias) {
  const std::vector<std::int64_t> strides = strides_between(from, to);
  switch (from.rank()) {
    case 1:
      return std::make_shared<Dense>(
          DenseOptions{.in = from[0], .out = to[0], .bias = bias, .dtype = making.dtype, .seed = {}});
    case 2:
      return std::make_shared<Conv1d>(Conv1dLayerOptions{.in = from[0],
                                                         .out = to[0],
                                                         .kernel = 1,
                                                         .stride = strides[0],
                                                         .bias = bias,
                                                         .dtype = making.dtype,
                                                         .seed = {}});
    default:
      return std::make_shared<Conv2d>(Conv2dLayerOptions{.in = from[0],
                                                         .out = to[0],
                                                         .kernel = {1},
                                                         .stride = strides,
                                                         .bias = bias,
                                                         .dtype = making.dtype,
                                                         .seed = {}});
  }
}

std::vector<std::string> activation_kinds() {
  std::vector<std::string> kinds;
  for (const LayerDef* def : layer_defs())
    if (def->activation) kinds.push_back(def->kind);
  return kinds;
}

void check_activation(const std::string& text) {
  const std::vector<std::string> kinds = activation_kinds();
  require(std::find(kinds.begin(), kinds.end(), text) != kinds.end(),
          "there is no activation '{}'.{} Known are {}.", text, did_you_mean(text, kinds),
          fmt::join(kinds, ", "));
}

void check_shortcut(const std::string& text) {
  const std::vector<std::string> kinds = {"auto", "projection", "projection_norm", "zero_pad"};
  require(std::find(kinds.begin(), kinds.end(), text) != kinds.end(),
          "there is no shortcut '{}'.{} Known are {}.", text, did_you_mean(text, kinds),
          fmt::join(kinds, ", "));
}

LayerPtr make_activation(const std::string& kind, const Shape& shape, const Making& making) {
  for (const LayerDef* def : layer_defs())
    if (def->kind == kind) return def->make(LayerOptions(def->options, {.kind = kind}), shape, making);
  GRADUS_CHECK(false);
  return {};
}

LayerPtr make(const LayerOptions& options, const Shape& input, const Making& making) {
  Chain body = make_chain(options.layers("layers"), input, making);
  const Shape& output = body.output;
  const std::string& shortcut = options.text("shortcut");
  ResidualOptions residual{.layers = std::move(body.layers), .seed = {}};
  if (options.has("activation"))
    residual.activation = make_activation(options.text("activation"), output, making);
  if (shortcut == "projection" || output != input) {
    require(input.rank() >= 1 && input.rank() <= 3 && output.rank() == input.rank(),
            "its layers take {} to {}, which no shortcut can follow. Let them keep the number of axes (1 to "
            "3).",
            input.str(), output.str());
    if (shortcut == "zero_pad") {
      strides_between(input, output);
      require(output[0] >= input[0],
              "its layers take {} to {}: zero_pad cannot take channels away. Use shortcut = \"projection\".",
              input.str(), output.str());
      residual.zero_pad = true;
    } else {
      const bool bias = shortcut != "projection_norm" && options.flag("bias");
      residual.projection = make_projection(input, output, making, bias);
      if (shortcut == "projection_norm") {
        const auto norm =
            std::make_shared<BatchNorm>(BatchNormLayerOptions{.channels = output[0], .dtype = making.dtype});
        residual.projection =
            std::make_shared<Sequential>(std::vector<LayerPtr>{residual.projection, norm}, std::nullopt);
      }
    }
  }
  return std::make_shared<Residual>(residual);
}

}  // namespace

Residual::Residual(const ResidualOptions& options)
    : Layer("residual"),
      depth_(options.layers.size()),
      projects_(options.projection != nullptr),
      zero_pad_(options.zero_pad),
      activation_(options.activation) {
  require(!projects_ || !zero_pad_, "residual: a projection and zero_pad exclude each other.");
  require(!activation_ || activation_->variables().empty(),
          "residual: its activation {} has variables of its own. Put it behind the residual instead.",
          activation_ ? activation_->kind() : "");
  adopt_chain(options.layers);
  if (projects_) adopt_chain({options.projection});
  place("");
  if (options.seed) initialize(*options.seed);
}

void Residual::follow(bool rectifier) {
  Layer::follow(activation_ ? activation_->rectifies().value_or(rectifier) : rectifier);
}

Value Residual::shortcut(const Value& x, const Shape& shape, const Pass& pass) const {
  if (projects_) return (*children()[depth_])(x, pass);
  if (!zero_pad_ || x.shape() == shape) return x;
  require(x.shape().rank() == shape.rank() && shape.rank() >= 2 && shape[1] >= x.shape()[1],
          "{}: zeros cannot bring x {} to {}.", title(), x.shape().str(), shape.str());
  const auto rank = static_cast<std::size_t>(shape.rank());
  SliceOptions picked{.begin = std::vector<std::int64_t>(rank, 0),
                      .end = x.shape().list(),
                      .step = std::vector<std::int64_t>(rank, 1)};
  const std::vector<std::int64_t> strides = strides_between(x.shape().without(0), shape.without(0));
  std::copy(strides.begin(), strides.end(), picked.step.begin() + 2);
  PadOptions zeros{.before = std::vector<std::int64_t>(rank, 0), .after = std::vector<std::int64_t>(rank, 0)};
  zeros.after[1] = shape[1] - x.shape()[1];
  return pad(slice(x, picked), zeros);
}

// The same: every s-th row and column, and zero channels behind.
OnnxValue Residual::onnx_shortcut(OnnxWriter& to, const OnnxValue& x, const Shape& example) const {
  if (projects_) return children()[depth_]->write_onnx(to, x);
  if (!zero_pad_ || x.example == example) return x;
  const std::vector<std::int64_t> strides = strides_between(x.example, example);
  std::vector<std::int64_t> starts(strides.size(), 0), ends, axes;
  for (int axis = 1; axis < example.rank(); ++axis) {
    ends.push_back(x.example[axis]);
    axes.push_back(axis + 1);
  }
  const OnnxValue picked =
      to.add({.op = "Slice",
              .inputs = {x.name, to.integers("starts", starts), to.integers("ends", ends),
                         to.integers("axes", axes), to.integers("steps", strides)}},
             example.with(0, x.example[0]));
  const std::size_t rank = static_cast<std::size_t>(example.rank()) + 1;
  std::vector<std::int64_t> zeros(2 * rank, 0);
  zeros[rank + 1] = example[0] - x.example[0];
  return to.add({.op = "Pad", .inputs = {picked.name, to.integers("zeros", zeros)}}, example);
}

Value Residual::build(const Value& x, const Pass& pass) const {
  Value y = build_chain(x, pass);
  const Value past = shortcut(x, y.shape(), pass);
  require(past.shape() == y.shape(),
          "{}: its layers give {}, its shortcut {}. Give ResidualOptions.projection a layer that brings x to "
          "their shape.",
          title(), y.shape().str(), past.shape().str());
  y = past + y;
  return activation_ ? (*activation_)(y) : y;
}

OnnxValue Residual::onnx(OnnxWriter& to, const OnnxValue& x) const {
  const OnnxValue y = onnx_chain(to, x);
  const OnnxValue sum = onnx_binary(to, "Add", onnx_shortcut(to, x, y.example), y.name);
  return activation_ ? activation_->write_onnx(to, sum) : sum;
}

extern const LayerDef residual_layer = {
    .kind = "residual",
    .doc = "x + F(x), F the layers inside",
    .options = {{.name = "layers", .type = OptionDef::Type::layers, .doc = "the layers of F"},
                {.name = "shortcut",
                 .type = OptionDef::Type::text,
                 .doc =
                     "where F changes the shape: \"auto\": a 1x1 convolution with bias; "
                     "\"projection_norm\": one without bias, and batch_norm; \"zero_pad\": every s-th row "
                     "and column, and zero channels. \"projection\": the 1x1 convolution even where shapes "
                     "agree",
                 .preset = std::string("auto"),
                 .check = check_shortcut},
                {.name = "bias",
                 .type = OptionDef::Type::flag,
                 .doc = "whether the 1x1 convolution of \"auto\" and \"projection\" has a bias",
                 .preset = true},
                {.name = "activation",
                 .type = OptionDef::Type::text,
                 .doc = "of the sum, as \"relu\"; none for pre-activation blocks",
                 .optional = true,
                 .check = check_activation}},
    .main = "layers",
    .make = make};

}  // namespace gradus::nn
