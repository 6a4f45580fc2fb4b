// select(condition, yes, no): yes where the condition holds, else no, per element with broadcasting.
#include "gradus/ops.h"
#include "ops/support/logic.h"

namespace gradus {
namespace {

Types infer(const NoOptions&, std::span<const Type> in) {
  require_boolean(in[0], "condition");
  require_same_dtype(in[1], in[2]);
  return Type{in[1].dtype, broadcast(broadcast(in[1].shape, in[2].shape), in[0].shape)};
}

Values vjp(const Node& n, const Value& y, const Value& dy) {
  const Value &condition = n.in[0], zero = scalar(y.graph(), 0, y.dtype());
  return {Value(), sum_to(select(condition, dy, zero), n.in[1].shape()),
          sum_to(select(condition, zero, dy), n.in[2].shape())};
}

void reference(const NoOptions&, std::span<const Tensor> in, std::span<const Tensor> out) {
  const Shape& shape = out[0].shape();
  const std::array strides = {broadcast_strides(in[0].shape(), shape),
                              broadcast_strides(in[1].shape(), shape),
                              broadcast_strides(in[2].shape(), shape)};
  const auto condition = in[0].values<const bool>();
  dispatch(out[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto yes = in[1].values<const T>(), no = in[2].values<const T>();
    const auto y = out[0].values<T>();
    walk(shape, strides, [&](std::int64_t i, const auto& at) {
      y[static_cast<std::size_t>(i)] = condition[static_cast<std::size_t>(at[0])]
                                           ? yes[static_cast<std::size_t>(at[1])]
                                           : no[static_cast<std::size_t>(at[2])];
    });
  });
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  const auto add = [&](const Shape& condition, const Shape& yes, const Shape& no) {
    list.push_back({NoOptions{}, {{condition, 0, 1, SampleInput::boolean}, {yes}, {no}}});
  };
  for (const auto& [a, b] : sample_pairs()) {
    add(broadcast(a, b), a, b);
    add(a, b, {});
  }
  add({2, 1, 1}, {3, 1}, {4});
  return list;
}

std::vector<Refusal> refusals() {
  return {
      {NoOptions{},
       {{DType::f32, {2}}, {DType::f32, {2}}, {DType::f32, {2}}},
       "select: condition must be bool, it is f32[2]. Compare it with something first."},
      {NoOptions{},
       {{DType::boolean, {2}}, {DType::f32, {2}}, {DType::f64, {2}}},
       "select: the inputs differ in element type: f32[2] and f64[2]. cast() one of them."},
      {NoOptions{},
       {{DType::boolean, {2}}, {DType::f32, {3}}, {DType::f32, {}}},
       "select: shapes [3] and [2] do not broadcast: axis -1 has 3 and 2 elements; they must be equal, or "
       "one of them 1."}};
}

}  // namespace

extern const OpDef select_op =
    define<NoOptions>({.name = "select",
                       .inputs = {"condition", "yes", "no"},
                       .kind = OpDef::elementwise,
                       .infer = infer,
                       .vjp = vjp,
                       .reference = reference,
                       .samples = samples,
                       .refusals = refusals,
                       .doc = {.formula = "y = yes if condition, else no",
                               .shapes = "condition (bool), yes and no (one element type) broadcast to y",
                               .gradient = "the chosen one gets dy, the other 0, summed over stretched axes",
                               .source = ""}});

Value select(const Value& condition, const Value& yes, const Value& no) {
  return condition.graph().add(select_op, NoOptions{}, {condition, yes, no});
}

}  // namespace gradus
