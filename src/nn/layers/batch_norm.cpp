// batch_norm: channels normalized by the statistics of the batch, or by running ones.
#include "base/check.h"
#include "nn/images.h"
#include "nn/onnx.h"

namespace gradus::nn {

BatchNorm::BatchNorm(const BatchNormLayerOptions& options) : Layer("batch_norm"), options_(options) {
  const BatchNormLayerOptions& o = options_;
  require(o.channels >= 1, "batch_norm: channels must be at least 1, got {}.", o.channels);
  require(o.momentum >= 0 && o.momentum <= 1, "batch_norm: momentum must be 0 to 1, got {}.", o.momentum);
  require_norm("batch_norm", o.epsilon, o.dtype);
  const Type each{o.dtype, {o.channels}};
  weight_ = own_undecayed("weight", each, Initializer::constant(1));
  bias_ = own_undecayed("bias", each, Initializer::zeros());
  running_mean_ = own("running_mean", each, Initializer::zeros(), Role::statistic);
  running_var_ = own("running_var", each, Initializer::constant(1), Role::statistic);
  initialize(0);
}

Value BatchNorm::build(const Value& x, const Pass& pass) const {
  require_channels(*this, x, options_.channels);
  Graph& graph = x.graph();
  const Value weight = read(graph, weight_), bias = read(graph, bias_);
  const Value mean = read(graph, running_mean_), variance = read(graph, running_var_);
  if (!pass.training || !running_mean_.trainable()) {
    // One multiplication and one addition an element.
    const Value scale = weight * rsqrt(variance + options_.epsilon);
    const Value shift = bias - mean * scale;
    const int rank = x.shape().rank();
    return x * per_channel(scale, rank) + per_channel(shift, rank);
  }
  if (pass.examples) return build_across_ranks(x, pass.examples);
  const gradus::BatchNorm normed = gradus::batch_norm(x, weight, bias, {.epsilon = options_.epsilon});
  const double share = options_.momentum;
  assign(running_mean_, mean * (1 - share) + normed.mean * share);
  const std::int64_t n = x.shape().size() / options_.channels;
  if (n > 1) {
    const double unbiased = static_cast<double>(n) / static_cast<double>(n - 1);
    assign(running_var_, variance * (1 - share) + normed.variance * (share * unbiased));
  }
  return normed.y;
}

// Sums over all ranks' batches: of x, and then of the squares of what is left.
Value BatchNorm::build_across_ranks(const Value& x, const Value& examples) const {
  Graph& graph = x.graph();
  const int rank = x.shape().rank();
  std::vector<std::int64_t> axes;
  for (int axis = 0; axis < rank; ++axis)
    if (axis != 1) axes.push_back(axis);
  const auto places = static_cast<double>(x.shape().size() / (x.shape()[0] * options_.channels));
  const Value n = examples * places;
  const Value mean = all_reduce(sum(x, {.axes = axes})) / n;
  const Value centred = x - per_channel(mean, rank);
  const Value variance = all_reduce(sum(square(centred), {.axes = axes})) / n;
  const Value scale = read(graph, weight_) * rsqrt(variance + options_.epsilon);
  const double share = options_.momentum;
  assign(running_mean_, read(graph, running_mean_) * (1 - share) + mean * share);
  const Value unbiased = variance * (n / clip(n - 1.0, {.low = 1}));
  assign(running_var_, read(graph, running_var_) * (1 - share) + unbiased * share);
  return centred * per_channel(scale, rank) + per_channel(read(graph, bias_), rank);
}

// ONNX's momentum is the share of the running statistics that stays.
OnnxValue BatchNorm::onnx(OnnxWriter& to, const OnnxValue& x) const {
  return to.add({.op = "BatchNormalization",
                 .inputs = {x.name, to.variable(weight_), to.variable(bias_), to.variable(running_mean_),
                            to.variable(running_var_)},
                 .attributes = {{"epsilon", options_.epsilon}, {"momentum", 1 - options_.momentum}}},
                x.example);
}

extern const LayerDef batch_norm_layer = {
    .kind = "batch_norm",
    .doc = "channels normalized by the batch's mean and variance; in evaluation by running ones",
    .options = {{.name = "momentum",
                 .type = OptionDef::Type::number,
                 .doc = "share of the batch's statistics in the running ones",
                 .preset = 0.1,
                 .low = 0,
                 .high = 1},
                epsilon_option()},
    .make = [](const LayerOptions& options, const Shape& input, const Making& making) -> LayerPtr {
      require(input.rank() >= 1, "it takes examples of at least one axis, its input is {}.", input.str());
      return std::make_shared<BatchNorm>(BatchNormLayerOptions{.channels = input[0],
                                                               .momentum = options.number("momentum"),
                                                               .epsilon = options.number("epsilon"),
                                                               .dtype = making.dtype});
    }};

}  // namespace gradus::nn
