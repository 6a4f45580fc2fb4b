// batch_norm_grad: what batch_norm passes back to x, scale and shift, from its statistics.
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/batch_norm.h"
#include "ops/support/reordered.h"
#include "ops/support/samples.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

Types infer(const BatchNormOptions& op, std::span<const Type> in) {
  require_batch(op, in[0]);
  require_per_channel(op, in[1], in[0], "scale");
  require_per_channel(op, in[2], in[0], "mean");
  require_per_channel(op, in[3], in[0], "variance");
  require(in[4] == in[0], "dy {} must be as x {}.", in[4].str(), in[0].str());
  return std::vector<Type>{in[0], in[1], in[1]};
}

// With r = 1 / sqrt(variance + epsilon), u = (x - mean) r and S = sums over a channel of m elements:
//     dshift = S dy,  dscale = S(dy u),  dx = scale r (dy - S(dy) / m - u S(dy u) / m).
// Let g, h, k arrive at dx, dscale, dshift. What is passed back is the gradient of
//     L = scale r K + h S(dy u) + k S(dy),  K = S(g dy) - S(g) S(dy) / m - S(g u) S(dy u) / m
// with respect to dy, u and r; K is symmetric in g and dy, so the sums and the gradient for dy that comes
// from K are batch_norm_grad once more, of g instead of dy.
Values vjp(const Node& n, const Values& y, const Values& arrived) {
  const auto& op = n.attr<BatchNormOptions>();
  const Value &x = n.in[0], &scale = n.in[1], &mean = n.in[2], &variance = n.in[3], &dy = n.in[4];
  const Value &s_dyu = y[1], &s_dy = y[2], &g = arrived[0], &h = arrived[1], &k = arrived[2];
  const double m = static_cast<double>(batch_count(op, x.shape()));
  const auto over = [&](const Value& v) { return over_channels(v, op, x.shape()); };
  const Value r = rsqrt(variance + op.epsilon);
  const Value u = (x - over(mean)) * over(r);

  // Of u, of its sum over a channel, and of the sum times u; of dy; of scale and of r directly.
  Value du, s_du, s_duu, ddy, dscale, dr;
  const auto add_to = [](Value& total, const Value& term) { total = total ? total + term : term; };
  if (g) {
    const BatchNormGrad again = batch_norm_grad(x, scale, mean, variance, g, op);
    const Value &s_gu = again.dscale, &s_g = again.dshift;
    const Value part = scale * r * (-1 / m);
    add_to(du, over(part) * (g * over(s_dyu) + dy * over(s_gu)));
    add_to(s_du, part * (s_g * s_dyu + s_dy * s_gu));
    add_to(s_duu, part * (s_gu * s_dyu) * 2);
    add_to(ddy, again.dx);
    const Value all =
        sum(g * dy, {.axes = batch_axes(op, x.shape())}) - (s_g * s_dy + s_gu * s_dyu) * (1 / m);
    dscale = r * all;
    dr = scale * all;
  }
  if (h) {
    add_to(du, dy * over(h));
    add_to(s_du, h * s_dy);
    add_to(s_duu, h * s_dyu);
    add_to(ddy, u * over(h));
  }
  if (k) add_to(ddy, broadcast_to(over(k), x.shape()));

  Values result = {Value(), dscale, Value(), Value(), ddy};
  if (!du) return result;
  result[0] = du * over(r);
  result[2] = -(s_du * r);
  const Value from_u = s_duu / r;  // u is proportional to r
  result[3] = (dr ? dr + from_u : from_u) * (r * r * r) * -0.5;
  return result;
}

void reference(const BatchNormOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const Shape& shape = in[0].shape();
  const auto channels = static_cast<std::size_t>(in[1].size());
  const double count = static_cast<double>(batch_count(op, shape));
  dispatch_float(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto x = in[0].values<const T>(), scale = in[1].values<const T>(), mean = in[2].values<const T>(),
               variance = in[3].values<const T>(), dy = in[4].values<const T>();
    const auto dx = out[0].values<T>();
    std::vector<double> inverse(channels), s_dyu(channels), s_dy(channels);
    for (std::size_t c = 0; c < channels; ++c)
      inverse[c] = 1 / std::sqrt(static_cast<double>(variance[c]) + op.epsilon);
    const auto unit = [&](std::size_t i, std::size_t c) {
      return (static_cast<double>(x[i]) - static_cast<double>(mean[c])) * inverse[c];
    };
    each_of_channels(op, shape, [&](std::size_t i, std::size_t c) {
      s_dy[c] += static_cast<double>(dy[i]);
      s_dyu[c] += static_cast<double>(dy[i]) * unit(i, c);
    });
    each_of_channels(op, shape, [&](std::size_t i, std::size_t c) {
      const double own = static_cast<double>(dy[i]) - s_dy[c] / count - unit(i, c) * s_dyu[c] / count;
      dx[i] = static_cast<T>(static_cast<double>(scale[c]) * inverse[c] * own);
    });
    for (std::size_t c = 0; c < channels; ++c) {
      out[1].values<T>()[c] = static_cast<T>(s_dyu[c]);
      out[2].values<T>()[c] = static_cast<T>(s_dy[c]);
    }
  });
}

// Where rows of channels lie one behind the other. What cancels is subtracted before it is scaled.
Values expand(const Node& node, const Values& in) {
  const auto& op = node.attr<BatchNormOptions>();
  const Value &x = in[0], &scale = in[1], &mean = in[2], &variance = in[3], &dy = in[4];
  const Shape& shape = x.shape();
  if (shape.axis(static_cast<int>(op.axis)) != shape.rank() - 1) return {};
  const double share = -1 / static_cast<double>(batch_count(op, shape));
  const ReduceOptions over_batch{.axes = batch_axes(op, shape)};
  const Value s_dy = sum(dy, over_batch), s_dyd = sum(dy * (x - mean), over_batch);
  const Value r = rsqrt(variance + op.epsilon), s_dyu = s_dyd * r;
  const Value dx = (dy + (x - mean) * (s_dyu * r * share) + s_dy * share) * (scale * r);
  return {dx, s_dyu, s_dy};
}

std::optional<Reordered> reordered(const Node& node, std::span<const int> order) {
  std::optional<Reordered> result = reordered_by_axis<BatchNormOptions>(node, order);
  if (!result) return std::nullopt;
  result->in = {true, false, false, false, true};
  result->out = {true, false, false};
  return result;
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const BatchCase& c : batch_cases()) {
    list.push_back(
        {c.options, {{c.x}, {c.channels, 0.5, 2}, {c.channels, -1, 1}, {c.channels, 0.5, 2}, {c.x}}});
  }
  return list;
}

std::vector<Refusal> refusals() {
  const Type x{DType::f32, {4, 3}}, channels{DType::f32, {3}};
  return {
      {BatchNormOptions{},
       {x, channels, channels, channels, {DType::f32, {4, 2}}},
       "batch_norm_grad: dy f32[4, 2] must be as x f32[4, 3]."},
      {BatchNormOptions{},
       {x, channels, {DType::f32, {1, 3}}, channels, x},
       "batch_norm_grad: mean must be f32[3], a number for each of the 3 channels of x [4, 3] (axis 1); it "
       "is f32[1, 3]."},
      {BatchNormOptions{},
       {x, channels, channels, {DType::f32, {}}, x},
       "batch_norm_grad: variance must be f32[3], a number for each of the 3 channels of x [4, 3] (axis 1); "
       "it is f32[]."}};
}

}  // namespace

extern const OpDef batch_norm_grad_op = define<BatchNormOptions>(
    {.name = "batch_norm_grad",
     .inputs = {"x", "scale", "mean", "variance", "dy"},
     .kind = OpDef::composite,
     .infer = infer,
     .vjp = GradientRule::Many(vjp),
     .reference = reference,
     .reordered = reordered,
     .expand = expand,
     .samples = samples,
     .refusals = refusals,
     .doc = {
         .formula = "dshift = S dy, dscale = S(dy u), dx = scale r (dy - S(dy) / m - u S(dy u) / m); S: sums "
                    "over a channel of m elements, r = 1 / sqrt(variance + epsilon), u = (x - mean) r",
         .shapes = "x, dy and dx with the channels at `axis`; scale, mean, variance, dscale, dshift [C]",
         .gradient = "of a g that arrives at dx, ddy = batch_norm_grad(g), and by the chain rule through u "
                     "and r to x, scale, mean and variance",
         .source = "Ioffe & Szegedy 2015, section 3"}});

BatchNormGrad batch_norm_grad(const Value& x, const Value& scale, const Value& mean, const Value& variance,
                              const Value& dy, const BatchNormOptions& options) {
  const Values out = x.graph().add_all(batch_norm_grad_op, options, {x, scale, mean, variance, dy});
  return {out[0], out[1], out[2]};
}

}  // namespace gradus
