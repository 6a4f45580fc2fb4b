// sum over axes; sum_to, its form that undoes broadcasting.
#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/reordered.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

Types infer(const ReduceOptions& op, std::span<const Type> in) {
  require(in[0].dtype != DType::boolean, "x is bool; numbers were needed. cast() it first.");
  return Type{in[0].dtype, reduced(in[0].shape, normalized_axes(op.axes, in[0].shape), op.keep_dims)};
}

Values vjp(const Node& n, const Value&, const Value& dy) {
  const Shape& shape = n.in[0].shape();
  const Shape kept = reduced(shape, normalized_axes(n.attr<ReduceOptions>().axes, shape), true);
  return {broadcast_to(reshape(dy, kept), shape)};
}

// Sums in double for f32, so the reference is the more exact of the two executors.
void reference(const ReduceOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const Shape& shape = in[0].shape();
  const Shape kept = reduced(shape, normalized_axes(op.axes, shape), true);
  dispatch(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    using Sum = std::conditional_t<std::is_floating_point_v<T>, double, std::int64_t>;
    std::vector<Sum> sums(static_cast<std::size_t>(kept.size()));
    const auto x = in[0].values<const T>();
    walk(shape, std::array<Strides, 1>{broadcast_strides(kept, shape)}, [&](std::int64_t i, const auto& at) {
      sums[static_cast<std::size_t>(at[0])] += static_cast<Sum>(x[static_cast<std::size_t>(i)]);
    });
    const auto y = out[0].values<T>();
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<T>(sums[i]);
  });
}

std::optional<OnRows> on_rows(const ReduceOptions& op, std::span<const Type> in,
                              const std::vector<bool>& may_cut, std::int64_t) {
  if (!may_cut[0] || !is_float(in[0].dtype)) return std::nullopt;
  const std::vector<int> axes = normalized_axes(op.axes, in[0].shape);
  const bool keeps_rows = std::find(axes.begin(), axes.end(), 0) == axes.end();
  return OnRows{op, {true}, {keeps_rows}};
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Shape& shape : sample_shapes()) {
    list.push_back({ReduceOptions{}, {{shape}}});
    for (std::int64_t axis = 0; axis < shape.rank(); ++axis) {
      list.push_back({ReduceOptions{{axis}, axis % 2 == 0}, {{shape}}});
    }
  }
  list.push_back({ReduceOptions{{0, -1}, false}, {{{3, 4, 5}}}});
  list.push_back({ReduceOptions{{1, 2}, true}, {{{2, 3, 4, 5}}}});
  return list;
}

std::vector<Refusal> refusals() {
  return {
      {ReduceOptions{{2}, false}, {{DType::f32, {2, 3}}}, "sum: there is no axis 2 in x [2, 3]."},
      {ReduceOptions{{0, -2}, false}, {{DType::f32, {2, 3}}}, "sum: an axis is given twice for x [2, 3]."}};
}

}  // namespace

extern const OpDef sum_op = define<ReduceOptions>({.name = "sum",
                                                   .inputs = {"x"},
                                                   .kind = OpDef::reduction,
                                                   .infer = infer,
                                                   .vjp = vjp,
                                                   .reference = reference,
                                                   .reordered = reordered_reduction,
                                                   .on_rows = on_rows,
                                                   .samples = samples,
                                                   .refusals = refusals,
                                                   .doc = {.formula = "y = sum of x over the given axes",
                                                           .shapes = "the axes vanish, or stay with extent 1",
                                                           .gradient = "dx = dy, broadcast",
                                                           .source = ""}});

Value sum(const Value& x, const ReduceOptions& options) { return x.graph().add(sum_op, options, {x}); }

Value sum_to(const Value& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  GRADUS_CHECK(broadcasts_to(shape, x.shape()));
  std::vector<std::int64_t> axes;
  for (int i = 1; i <= x.shape().rank(); ++i) {
    if (i > shape.rank() || (shape[-i] == 1 && x.shape()[-i] != 1)) axes.push_back(x.shape().rank() - i);
  }
  return reshape(axes.empty() ? x : sum(x, {.axes = axes}), shape);
}

}  // namespace gradus
