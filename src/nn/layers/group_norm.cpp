// group_norm: groups of channels normalized, each example on its own.
#include "base/check.h"
#include "nn/images.h"
#include "nn/onnx.h"

namespace gradus::nn {

GroupNorm::GroupNorm(const GroupNormLayerOptions& options) : Layer("group_norm"), options_(options) {
  const GroupNormLayerOptions& o = options_;
  require(o.channels >= 1 && o.groups >= 1 && o.channels % o.groups == 0,
          "group_norm: groups must divide the channels: {} groups, {} channels.", o.groups, o.channels);
  require_norm("group_norm", o.epsilon, o.dtype);
  weight_ = own_undecayed("weight", {o.dtype, {o.channels}}, Initializer::constant(1));
  bias_ = own_undecayed("bias", {o.dtype, {o.channels}}, Initializer::zeros());
  initialize(0);
}

Value GroupNorm::build(const Value& x, const Pass&) const {
  require_channels(*this, x, options_.channels);
  const Value normed = gradus::group_norm(x, {.groups = options_.groups, .epsilon = options_.epsilon});
  const int rank = x.shape().rank();
  return normed * per_channel(read(x.graph(), weight_), rank) + per_channel(read(x.graph(), bias_), rank);
}

// Groups as channels of which each example's are normalized, then weight and bias of the real channels.
OnnxValue GroupNorm::onnx(OnnxWriter& to, const OnnxValue& x) const {
  const std::int64_t groups = options_.groups;
  const OnnxValue grouped = onnx_reshape(to, x, Shape{groups, x.example.size() / groups});
  Tensor ones(DType::f32, {groups});
  ones.fill(1);
  const OnnxValue normed = to.add({.op = "InstanceNormalization",
                                   .inputs = {grouped.name, to.constant("ones", ones),
                                              to.constant("zeros", Tensor(DType::f32, {groups}))},
                                   .attributes = {{"epsilon", options_.epsilon}}},
                                  grouped.example);
  const OnnxValue y = onnx_reshape(to, normed, x.example);
  Shape each = x.example;  // [C, 1, ...]
  for (int axis = 1; axis < each.rank(); ++axis) each = each.with(axis, 1);
  const OnnxValue scaled = onnx_binary(to, "Mul", y, to.variable(weight_, each));
  return onnx_binary(to, "Add", scaled, to.variable(bias_, each));
}

extern const LayerDef group_norm_layer = {
    .kind = "group_norm",
    .doc = "groups of channels normalized, each example on its own",
    .options = {{.name = "groups",
                 .type = OptionDef::Type::integer,
                 .doc = "number of groups; it divides the channels",
                 .low = 1,
                 .high = kMaxUnits},
                epsilon_option()},
    .main = "groups",
    .make = [](const LayerOptions& options, const Shape& input, const Making& making) -> LayerPtr {
      require(input.rank() >= 1, "it takes examples of at least one axis, its input is {}.", input.str());
      return std::make_shared<GroupNorm>(GroupNormLayerOptions{.channels = input[0],
                                                               .groups = options.integer("groups"),
                                                               .epsilon = options.number("epsilon"),
                                                               .dtype = making.dtype});
    }};

}  // namespace gradus::nn
