// transpose: the axes of x in another order.
#include "ops/support/transpose.h"

#include <algorithm>
#include <numeric>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

Types infer(const TransposeOptions& op, std::span<const Type> in) {
  const Shape& x = in[0].shape;
  require(op.axes.size() == static_cast<std::size_t>(x.rank()),
          "axes {} must name each of the {} axes of x {} once.", list_str(op.axes), x.rank(), x.str());
  std::vector<std::int64_t> extents, seen(op.axes.size());
  for (const std::int64_t axis : op.axes) {
    require(axis >= 0 && axis < x.rank() && seen[static_cast<std::size_t>(axis)]++ == 0,
            "axes {} must name each of the {} axes of x {} once.", list_str(op.axes), x.rank(), x.str());
    extents.push_back(x[static_cast<int>(axis)]);
  }
  return Type{in[0].dtype, Shape(extents)};
}

Values vjp(const Node& n, const Value&, const Value& dy) {
  const auto& axes = n.attr<TransposeOptions>().axes;
  std::vector<std::int64_t> back(axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i)
    back[static_cast<std::size_t>(axes[i])] = static_cast<std::int64_t>(i);
  return {transpose(dy, back)};
}

void reference(const TransposeOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const Strides from = dense_strides(in[0].shape());
  Strides strides{};
  for (std::size_t i = 0; i < op.axes.size(); ++i) strides[i] = from[static_cast<std::size_t>(op.axes[i])];
  dispatch_stored(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto x = in[0].values<const T>();
    const auto y = out[0].values<T>();
    walk(out[0].shape(), std::array<Strides, 1>{strides}, [&](std::int64_t i, const auto& at) {
      y[static_cast<std::size_t>(i)] = x[static_cast<std::size_t>(at[0])];
    });
  });
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Shape& shape : sample_shapes()) {
    std::vector<std::int64_t> axes(static_cast<std::size_t>(shape.rank()));
    std::iota(axes.rbegin(), axes.rend(), 0);
    list.push_back({TransposeOptions{axes}, {{shape}}});
    if (axes.size() < 3) continue;
    std::rotate(axes.begin(), axes.begin() + 1, axes.end());
    list.push_back({TransposeOptions{axes}, {{shape}}});
  }
  list.push_back({TransposeOptions{{0, 2, 1, 3}}, {{{2, 3, 4, 5}}}});
  list.push_back({TransposeOptions{{0, 1}}, {{{2, 3}}}});
  return list;
}

std::vector<Refusal> refusals() {
  return {{TransposeOptions{{0, 0}},
           {{DType::f32, {2, 3}}},
           "transpose: axes [0, 0] must name each of the 2 axes of x [2, 3] once."},
          {TransposeOptions{{0, 1, 2}},
           {{DType::f32, {2, 3}}},
           "transpose: axes [0, 1, 2] must name each of the 2 axes of x [2, 3] once."},
          {TransposeOptions{{-1, -2}},
           {{DType::f32, {2, 3}}},
           "transpose: axes [-1, -2] must name each of the 2 axes of x [2, 3] once."}};
}

}  // namespace

extern const OpDef transpose_op =
    define<TransposeOptions>({.name = "transpose",
                              .inputs = {"x"},
                              .kind = OpDef::movement,
                              .infer = infer,
                              .vjp = vjp,
                              .reference = reference,
                              .takes_bf16 = true,
                              .samples = samples,
                              .refusals = refusals,
                              .doc = {.formula = "y[i, j, ...] = x[..., j, i], by the order of the axes",
                                      .shapes = "axis i of y is axis axes[i] of x",
                                      .gradient = "dx = dy with the axes put back",
                                      .source = ""}});

// Negative axes count from the end.
Value transpose(const Value& x, std::vector<std::int64_t> axes) {
  const int rank = x.shape().rank();
  if (axes.empty()) {
    axes.resize(static_cast<std::size_t>(rank));
    std::iota(axes.rbegin(), axes.rend(), 0);
  }
  for (std::int64_t& axis : axes) axis = axis < 0 ? axis + rank : axis;
  std::vector<std::int64_t> same(static_cast<std::size_t>(rank));
  std::iota(same.begin(), same.end(), 0);
  return axes == same ? x : x.graph().add(transpose_op, TransposeOptions{std::move(axes)}, {x});
}

}  // namespace gradus
