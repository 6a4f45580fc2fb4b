// layer_norm_grad: what layer_norm passes back to x, from its results.
#include <algorithm>

#include "gradus/ops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

Types infer(const NoOptions&, std::span<const Type> in) {
  const Shape &y = in[0].shape, &inverse = in[1].shape;
  require_float(in[0], "y");
  require_same_dtype(in[0], in[1]);
  require(inverse.rank() < y.rank() && std::equal(inverse.begin(), inverse.end(), y.begin()),
          "inverse {} must be the leading axes of y {}.", inverse.str(), y.str());
  for (int axis = inverse.rank(); axis < y.rank(); ++axis)
    require(y[axis] > 0, "the rows of y {} (inverse {}) are empty.", y.str(), inverse.str());
  require(in[2] == in[0], "dy {} must be as y {}.", in[2].str(), in[0].str());
  return in[0];
}

// With r = inverse and S = sums over a row of n elements: dx = r (dy - S(dy) / n - y S(dy y) / n). Let g
// arrive: S(g dx) = r (S(g dy) - S(g) S(dy) / n - S(g y) S(dy y) / n) is symmetric in g and dy.
Values vjp(const Node& n, const Value& dx, const Value& g) {
  const Value &y = n.in[0], &r = n.in[1], &dy = n.in[2];
  std::vector<std::int64_t> axes, kept = r.shape().list();
  double length = 1;
  for (int axis = r.shape().rank(); axis < y.shape().rank(); ++axis) {
    axes.push_back(axis);
    kept.push_back(1);
    length *= static_cast<double>(y.shape()[axis]);
  }
  const auto row_sum = [&](const Value& v) { return sum(v, {.axes = axes, .keep_dims = true}); };
  const Value part = reshape(r, Shape(kept)) * (-1 / length);
  const Value for_y = part * (g * row_sum(dy * y) + dy * row_sum(g * y));
  const Value for_r = sum(g * dx, {.axes = axes}) / r;
  return {for_y, for_r, layer_norm_grad(y, r, g)};
}

void reference(const NoOptions&, std::span<const Tensor> in, std::span<const Tensor> out) {
  const std::size_t rows = static_cast<std::size_t>(in[1].size());
  const std::size_t n = rows == 0 ? 0 : static_cast<std::size_t>(in[0].size()) / rows;
  dispatch_float(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto y = in[0].values<const T>(), inverse = in[1].values<const T>(), dy = in[2].values<const T>();
    const auto dx = out[0].values<T>();
    for (std::size_t row = 0; row < rows; ++row) {
      double s_dy = 0, s_dyy = 0;
      for (std::size_t i = row * n; i < (row + 1) * n; ++i) {
        s_dy += static_cast<double>(dy[i]) / static_cast<double>(n);
        s_dyy += static_cast<double>(dy[i]) * static_cast<double>(y[i]) / static_cast<double>(n);
      }
      for (std::size_t i = row * n; i < (row + 1) * n; ++i) {
        const double own = static_cast<double>(dy[i]) - s_dy - static_cast<double>(y[i]) * s_dyy;
        dx[i] = static_cast<T>(static_cast<double>(inverse[row]) * own);
      }
    }
  });
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Shape& shape : sample_shapes()) {
    for (int axes = 1; axes <= std::min(3, shape.rank()); ++axes) {
      const Shape leading(std::span(shape.begin(), static_cast<std::size_t>(shape.rank() - axes)));
      const bool empty =
          std::find(leading.end() - leading.begin() + shape.begin(), shape.end(), 0) != shape.end();
      if (!empty) list.push_back({NoOptions{}, {{shape}, {leading, 0.5, 2}, {shape}}});
    }
  }
  return list;
}

std::vector<Refusal> refusals() {
  const Type y{DType::f32, {2, 3, 4}};
  return {
      {NoOptions{},
       {y, {DType::f32, {3}}, y},
       "layer_norm_grad: inverse [3] must be the leading axes of y [2, 3, 4]."},
      {NoOptions{}, {y, y, y}, "layer_norm_grad: inverse [2, 3, 4] must be the leading axes of y [2, 3, 4]."},
      {NoOptions{},
       {y, {DType::f32, {2}}, {DType::f32, {2, 3}}},
       "layer_norm_grad: dy f32[2, 3] must be as y f32[2, 3, 4]."},
      {NoOptions{},
       {{DType::f32, {2, 0}}, {DType::f32, {2}}, {DType::f32, {2, 0}}},
       "layer_norm_grad: the rows of y [2, 0] (inverse [2]) are empty."},
      {NoOptions{},
       {y, {DType::f64, {2}}, y},
       "layer_norm_grad: the inputs differ in element type: f32[2, 3, 4] and f64[2]. cast() one of them."}};
}

}  // namespace

extern const OpDef layer_norm_grad_op = define<NoOptions>(
    {.name = "layer_norm_grad",
     .inputs = {"y", "inverse", "dy"},
     .kind = OpDef::composite,
     .infer = infer,
     .vjp = vjp,
     .reference = reference,
     .samples = samples,
     .refusals = refusals,
     .doc = {.formula = "dx = inverse (dy - S(dy) / n - y S(dy y) / n); S: sums over a row of n elements",
             .shapes = "y, dy and dx alike, inverse has their leading axes; a row is the rest",
             .gradient =
                 "of a g that arrives at dx: ddy = layer_norm_grad(g), dy' = -inverse (g S(dy y) + dy "
                 "S(g y)) / n, dinverse = S(g dx) / inverse",
             .source = "Ba, Kiros & Hinton 2016"}});

Value layer_norm_grad(const Value& y, const Value& inverse, const Value& dy) {
  return y.graph().add(layer_norm_grad_op, NoOptions{}, {y, inverse, dy});
}

}  // namespace gradus
