// layer_norm: the trailing axes of each example with mean 0 and variance 1; group_norm, its form for groups
// of channels.
#include <algorithm>
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

// The axes that stay: [leading axes].
Shape leading(const Shape& shape, std::int64_t trailing) {
  return Shape(std::span(shape.begin(), static_cast<std::size_t>(shape.rank() - trailing)));
}

Types infer(const LayerNormOptions& op, std::span<const Type> in) {
  const Shape& x = in[0].shape;
  require_float(in[0], "x");
  require(op.axes >= 1 && op.axes <= x.rank(),
          "axes, the number of trailing axes, must be 1 to {} for x {}; "
          "it is {}.",
          x.rank(), x.str(), op.axes);
  require(op.epsilon > 0, "epsilon must be > 0, it is {}.", op.epsilon);
  for (std::int64_t i = 1; i <= op.axes; ++i) {
    require(x[static_cast<int>(-i)] > 0, "the last {} axes of x {} are empty; there is no mean of nothing.",
            op.axes, x.str());
  }
  return std::vector<Type>{in[0], {in[0].dtype, leading(x, op.axes)}};
}

// With r = inverse, (x - mean) r = y: dr / dx = -r^2 y / n.
Values vjp(const Node& node, const Values& y, const Values& dy) {
  const Value &unit = y[0], &r = y[1];
  Value dx;
  if (dy[0]) dx = layer_norm_grad(unit, r, dy[0]);
  if (dy[1]) {
    std::vector<std::int64_t> extents = r.shape().list();
    extents.resize(static_cast<std::size_t>(unit.shape().rank()), 1);
    double n = 1;
    for (std::int64_t i = 1; i <= node.attr<LayerNormOptions>().axes; ++i)
      n *= static_cast<double>(unit.shape()[static_cast<int>(-i)]);
    const Value more = unit * reshape(dy[1] * square(r) * (-1 / n), Shape(extents));
    dx = dx ? dx + more : more;
  }
  return {dx};
}

void reference(const LayerNormOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const std::size_t rows = static_cast<std::size_t>(out[1].size());
  const std::size_t n = rows == 0 ? 0 : static_cast<std::size_t>(in[0].size()) / rows;
  dispatch_float(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto x = in[0].values<const T>();
    const auto y = out[0].values<T>(), inverse = out[1].values<T>();
    for (std::size_t row = 0; row < rows; ++row) {
      const auto from = x.subspan(row * n, n);
      double mean = 0, variance = 0;
      for (const T v : from) mean += static_cast<double>(v) / static_cast<double>(n);
      for (const T v : from) variance += std::pow(static_cast<double>(v) - mean, 2) / static_cast<double>(n);
      const double r = 1 / std::sqrt(variance + op.epsilon);
      inverse[row] = static_cast<T>(r);
      for (std::size_t i = 0; i < n; ++i)
        y[row * n + i] = static_cast<T>((static_cast<double>(from[i]) - mean) * r);
    }
  });
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Shape& shape : sample_shapes()) {
    for (std::int64_t axes = 1; axes <= std::min(3, shape.rank()); ++axes) {
      bool empty = false;
      for (std::int64_t i = 1; i <= axes; ++i) empty = empty || shape[static_cast<int>(-i)] == 0;
      const std::int64_t n = shape.size() / std::max<std::int64_t>(1, leading(shape, axes).size());
      // Curvature near variance 0 is of order 1 / epsilon: short rows need a large one. And n epsilon != 1:
      // there, sum y^2 + inverse^2 is constant.
      if (!empty) list.push_back({LayerNormOptions{axes, n < 6 ? 0.7 : 0.25}, {{shape}}});
    }
  }
  return list;
}

std::vector<Refusal> refusals() {
  return {{LayerNormOptions{0},
           {{DType::f32, {2, 3}}},
           "layer_norm: axes, the number of trailing axes, must be 1 to 2 for x [2, 3]; it is 0."},
          {LayerNormOptions{3},
           {{DType::f32, {2, 3}}},
           "layer_norm: axes, the number of trailing axes, must be 1 to 2 for x [2, 3]; it is 3."},
          {LayerNormOptions{1, -1.0}, {{DType::f32, {2, 3}}}, "layer_norm: epsilon must be > 0, it is -1."},
          {LayerNormOptions{2},
           {{DType::f32, {4, 0, 3}}},
           "layer_norm: the last 2 axes of x [4, 0, 3] are empty; there is no mean of nothing."},
          {LayerNormOptions{},
           {{DType::i32, {2, 3}}},
           "layer_norm: x must be f32 or f64, it is i32[2, 3]. cast() it first."}};
}

}  // namespace

extern const OpDef layer_norm_op = define<LayerNormOptions>(
    {.name = "layer_norm",
     .inputs = {"x"},
     .kind = OpDef::composite,
     .infer = infer,
     .vjp = GradientRule::Many(vjp),
     .reference = reference,
     .samples = samples,
     .refusals = refusals,
     .doc = {.formula = "y = (x - mean) inverse, inverse = 1 / sqrt(variance + epsilon); mean and biased "
                        "variance over the last `axes` axes",
             .shapes = "x and y alike, inverse has the leading axes",
             .gradient = "dx = layer_norm_grad(y, inverse, dy) - dinverse inverse^2 y / elements of a row",
             .source = "Ba, Kiros & Hinton 2016"}});

Value layer_norm(const Value& x, const LayerNormOptions& options) {
  return x.graph().add_all(layer_norm_op, options, {x})[0];
}

Value group_norm(const Value& x, const GroupNormOptions& options) {
  const Shape& shape = x.shape();
  require(shape.rank() >= 2, "group_norm: x must be [N, C, ...], it is {}. reshape() it.", x.type().str());
  require(options.groups >= 1 && shape[1] % options.groups == 0,
          "group_norm: {} groups do not divide the {} channels of x {}.", options.groups, shape[1],
          shape.str());
  std::int64_t length = shape[1] / options.groups;
  for (int axis = 2; axis < shape.rank(); ++axis) length *= shape[axis];
  const Value groups = reshape(x, {shape[0], options.groups, length});
  return reshape(layer_norm(groups, {.axes = 1, .epsilon = options.epsilon}), shape);
}

}  // namespace gradus
