// batch_norm: each channel with mean 0 and variance 1 over the batch, then scaled and shifted.
#include "ops/support/batch_norm.h"

#include <cmath>

#include "gradus/ops.h"
#include "ops/support/reordered.h"
#include "ops/support/samples.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

Types infer(const BatchNormOptions& op, std::span<const Type> in) {
  require_batch(op, in[0]);
  require_per_channel(op, in[1], in[0], "scale");
  require_per_channel(op, in[2], in[0], "shift");
  return std::vector<Type>{in[0], in[1], in[1]};
}

Values vjp(const Node& n, const Values& y, const Values& dy) {
  const auto& op = n.attr<BatchNormOptions>();
  const Value &x = n.in[0], &scale = n.in[1], &mean = y[1], &variance = y[2];
  const Value dx = statistics_gradient(op, x, mean, dy[1], dy[2]);
  if (!dy[0]) return {dx, Value(), Value()};
  const BatchNormGrad grad = batch_norm_grad(x, scale, mean, variance, dy[0], op);
  return {dx ? grad.dx + dx : grad.dx, grad.dscale, grad.dshift};
}

void reference(const BatchNormOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const Shape& shape = in[0].shape();
  const auto channels = static_cast<std::size_t>(in[1].size());
  dispatch_float(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto x = in[0].values<const T>(), scale = in[1].values<const T>(), shift = in[2].values<const T>();
    const auto y = out[0].values<T>();
    const ChannelMoments moments = channel_moments(op, shape, x);
    const auto& mean = moments.mean;
    const auto& variance = moments.variance;
    each_of_channels(op, shape, [&](std::size_t i, std::size_t c) {
      const double unit = (static_cast<double>(x[i]) - mean[c]) / std::sqrt(variance[c] + op.epsilon);
      y[i] = static_cast<T>(unit * static_cast<double>(scale[c]) + static_cast<double>(shift[c]));
    });
    for (std::size_t c = 0; c < channels; ++c) {
      out[1].values<T>()[c] = static_cast<T>(mean[c]);
      out[2].values<T>()[c] = static_cast<T>(variance[c]);
    }
  });
}

// Where rows of channels lie one behind the other.
Values expand(const Node& node, const Values& in) {
  const auto& op = node.attr<BatchNormOptions>();
  if (in[0].shape().axis(static_cast<int>(op.axis)) != in[0].shape().rank() - 1) return {};
  const DType dtype = in[0].dtype();
  const Moments m = moments_by_parts(in[0], {.axis = op.axis});
  const Value mean = cast(m.mean, dtype), variance = cast(m.variance, dtype);
  const Value factor = in[1] * rsqrt(variance + op.epsilon);
  // What the mean loses when it is rounded goes into the shift.
  const Value lost = cast(cast(mean, DType::f64) - m.mean, dtype);
  return {(in[0] - mean) * factor + (in[2] + lost * factor), mean, variance};
}

std::optional<Reordered> reordered(const Node& node, std::span<const int> order) {
  std::optional<Reordered> result = reordered_by_axis<BatchNormOptions>(node, order);
  if (!result) return std::nullopt;
  result->in = {true, false, false};
  result->out = {true, false, false};
  return result;
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const BatchCase& c : batch_cases())
    list.push_back({c.options, {{c.x}, {c.channels, 0.5, 2}, {c.channels}}});
  return list;
}

std::vector<Refusal> refusals() {
  const Type x{DType::f32, {4, 3, 2, 2}}, channels{DType::f32, {3}};
  return {
      {BatchNormOptions{},
       {{DType::f32, {4}}, channels, channels},
       "batch_norm: x must have two or more axes, [N, C, ...]; it is f32[4]. reshape() it."},
      {BatchNormOptions{.axis = 4},
       {x, channels, channels},
       "batch_norm: there is no axis 4 in x [4, 3, 2, 2]."},
      {BatchNormOptions{.epsilon = 0}, {x, channels, channels}, "batch_norm: epsilon must be > 0, it is 0."},
      {BatchNormOptions{},
       {{DType::f32, {0, 3}}, channels, channels},
       "batch_norm: x [0, 3] has no elements in a channel; there is no mean of nothing."},
      {BatchNormOptions{},
       {x, {DType::f32, {2}}, channels},
       "batch_norm: scale must be f32[3], a number for each of the 3 channels of x [4, 3, 2, 2] (axis 1); "
       "it is f32[2]."},
      {BatchNormOptions{.axis = -1},
       {x, {DType::f32, {2}}, channels},
       "batch_norm: shift must be f32[2], a number for each of the 2 channels of x [4, 3, 2, 2] (axis 3); "
       "it is f32[3]."},
      {BatchNormOptions{},
       {x, channels, {DType::f64, {3}}},
       "batch_norm: shift must be f32[3], a number for each of the 3 channels of x [4, 3, 2, 2] (axis 1); "
       "it is f64[3]."},
      {BatchNormOptions{},
       {{DType::i64, {4, 3}}, channels, channels},
       "batch_norm: x must be f32 or f64, it is i64[4, 3]. cast() it first."}};
}

}  // namespace

extern const OpDef batch_norm_op = define<BatchNormOptions>(
    {.name = "batch_norm",
     .inputs = {"x", "scale", "shift"},
     .kind = OpDef::composite,
     .infer = infer,
     .vjp = GradientRule::Many(vjp),
     .reference = reference,
     .reordered = reordered,
     .expand = expand,
     .samples = samples,
     .refusals = refusals,
     .doc = {.formula =
                 "y = (x - mean) / sqrt(variance + epsilon) scale + shift; mean and biased variance of "
                 "each channel, over all other axes",
             .shapes = "x and y with the channels at `axis`; scale, shift, mean, variance [C]",
             .gradient = "dx, dscale, dshift = batch_norm_grad(dy); dx += (dmean + 2 (x - mean) dvariance) / "
                         "elements in a channel",
             .source = "Ioffe & Szegedy 2015"}});

BatchNorm batch_norm(const Value& x, const Value& scale, const Value& shift,
                     const BatchNormOptions& options) {
  const Values out = x.graph().add_all(batch_norm_op, options, {x, scale, shift});
  return {out[0], out[1], out[2]};
}

}  // namespace gradus
