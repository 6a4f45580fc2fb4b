// max over axes.
#include <algorithm>

#include "gradus/ops.h"
#include "ops/support/reordered.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"
#include "ops/support/winners.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

Types infer(const ReduceOptions& op, std::span<const Type> in) {
  require(in[0].dtype != DType::boolean, "x is bool; numbers were needed. cast() it first.");
  const std::vector<int> axes = normalized_axes(op.axes, in[0].shape);
  for (const int axis : axes) {
    require(in[0].shape[axis] > 0, "axis {} of x {} is empty; there is no largest of nothing.", axis,
            in[0].shape.str());
  }
  return Type{in[0].dtype, reduced(in[0].shape, axes, op.keep_dims)};
}

// Brings the reduced axes to the end and makes them one; there argmax finds the winner and one_hot marks it.
Values vjp(const Node& n, const Value&, const Value& dy) {
  const Value& x = n.in[0];
  const std::vector<int> axes = normalized_axes(n.attr<ReduceOptions>().axes, x.shape());
  std::vector<std::int64_t> order, kept;
  std::int64_t length = 1;
  for (int axis = 0; axis < x.shape().rank(); ++axis) {
    if (std::find(axes.begin(), axes.end(), axis) != axes.end()) continue;
    order.push_back(axis);
    kept.push_back(x.shape()[axis]);
  }
  for (const int axis : axes) {
    order.push_back(axis);
    length *= x.shape()[axis];
  }
  std::vector<std::int64_t> back(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    back[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);

  const Value turned = transpose(x, order);
  std::vector<std::int64_t> extents = kept;
  extents.push_back(length);
  const Value winner = one_hot(argmax(reshape(turned, Shape(extents))), {length, DType::boolean});
  extents.back() = 1;
  const Value dx = select(winner, reshape(dy, Shape(extents)), scalar(x.graph(), 0, x.dtype()));
  return {transpose(reshape(dx, turned.shape()), back)};
}

Shape kept_shape(const ReduceOptions& op, const Shape& x) {
  return reduced(x, normalized_axes(op.axes, x), true);
}

void reference(const ReduceOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const std::vector<std::int64_t> places = winners(in[0], kept_shape(op, in[0].shape()));
  dispatch(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto x = in[0].values<const T>();
    const auto y = out[0].values<T>();
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = x[static_cast<std::size_t>(places[i])];
  });
}

std::vector<std::int64_t> branch(const ReduceOptions& op, std::span<const Tensor> in) {
  return winners(in[0], kept_shape(op, in[0].shape()));
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Shape& shape : sample_shapes()) {
    if (shape.size() > 0) list.push_back({ReduceOptions{}, {{shape}}});
    for (std::int64_t axis = 0; axis < shape.rank(); ++axis) {
      if (shape[static_cast<int>(axis)] == 0) continue;
      list.push_back({ReduceOptions{{axis}, axis % 2 == 0}, {{shape}}});
    }
  }
  list.push_back({ReduceOptions{{0, -1}, false}, {{{3, 4, 5}}}});
  list.push_back({ReduceOptions{{1, 2}, true}, {{{2, 3, 4, 5}}}});
  list.push_back({ReduceOptions{{-1}, false}, {{{4, 9}, -3, 3, SampleInput::index}}});  // ties
  return list;
}

std::vector<Refusal> refusals() {
  return {
      {ReduceOptions{{1}, false},
       {{DType::f32, {2, 0}}},
       "max: axis 1 of x [2, 0] is empty; there is no largest of nothing."},
      {ReduceOptions{{-3}, false}, {{DType::f32, {2, 3}}}, "max: there is no axis -3 in x [2, 3]."},
      {ReduceOptions{}, {{DType::boolean, {3}}}, "max: x is bool; numbers were needed. cast() it first."}};
}

}  // namespace

extern const OpDef max_op =
    define<ReduceOptions>({.name = "max",
                           .inputs = {"x"},
                           .kind = OpDef::reduction,
                           .infer = infer,
                           .vjp = vjp,
                           .reference = reference,
                           .branch = branch,
                           .reordered = reordered_reduction,
                           .samples = samples,
                           .refusals = refusals,
                           .doc = {.formula = "y = the largest of x over the given axes; NaN if one is NaN",
                                   .shapes = "the axes, none of them empty, vanish, or stay with extent 1",
                                   .gradient = "the first of equal winners gets dy, the others 0",
                                   .source = ""}});

Value max(const Value& x, const ReduceOptions& options) { return x.graph().add(max_op, options, {x}); }

}  // namespace gradus
