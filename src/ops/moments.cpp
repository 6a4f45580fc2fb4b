// moments: mean and variance of each channel over the batch.
#include <algorithm>

#include "gradus/ops.h"
#include "ops/support/batch_norm.h"
#include "ops/support/parts.h"
#include "ops/support/reordered.h"
#include "ops/support/samples.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

BatchNormOptions batch(const AxisOptions& op) { return {.axis = op.axis}; }

Types infer(const AxisOptions& op, std::span<const Type> in) {
  require_batch(batch(op), in[0]);
  const Type channels{DType::f64, {in[0].shape[normalized_axis(op.axis, in[0].shape)]}};
  return std::vector<Type>{channels, channels};
}

Values vjp(const Node& n, const Values& y, const Values& dy) {
  const DType dtype = n.in[0].dtype();
  const auto as_x = [&](const Value& v) { return !v || v.dtype() == dtype ? v : cast(v, dtype); };
  return {statistics_gradient(batch(n.attr<AxisOptions>()), n.in[0], as_x(y[0]), as_x(dy[0]), as_x(dy[1]))};
}

void reference(const AxisOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  dispatch_factor(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto [mean, variance] = channel_moments(batch(op), in[0].shape(), in[0].values<const T>());
    std::copy(mean.begin(), mean.end(), out[0].values<double>().begin());
    std::copy(variance.begin(), variance.end(), out[1].values<double>().begin());
  });
}

std::optional<Reordered> reordered(const Node& node, std::span<const int> order) {
  std::optional<Reordered> result = reordered_by_axis<AxisOptions>(node, order);
  if (result) result->out = {false, false};
  return result;
}

Values expand(const Node& node, const Values& in) {
  const auto& options = node.attr<AxisOptions>();
  if (parts_along(in[0], normalized_axis(options.axis, in[0].shape())).size() == 1) return {};
  const Moments m = moments_by_parts(in[0], options);
  return {m.mean, m.variance};
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const BatchCase& c : batch_cases()) list.push_back({AxisOptions{c.options.axis}, {{c.x}}});
  return list;
}

std::vector<Refusal> refusals() {
  return {{AxisOptions{1},
           {{DType::f32, {4}}},
           "moments: x must have two or more axes, [N, C, ...]; it is f32[4]. reshape() it."},
          {AxisOptions{2}, {{DType::f32, {4, 3}}}, "moments: there is no axis 2 in x [4, 3]."},
          {AxisOptions{1},
           {{DType::f32, {0, 3}}},
           "moments: x [0, 3] has no elements in a channel; there is no mean of nothing."}};
}

}  // namespace

extern const OpDef moments_op = define<AxisOptions>(
    {.name = "moments",
     .inputs = {"x"},
     .kind = OpDef::reduction,
     .infer = infer,
     .vjp = GradientRule::Many(vjp),
     .reference = reference,
     .reordered = reordered,
     .takes_bf16 = true,
     .expand = expand,
     .samples = samples,
     .refusals = refusals,
     .doc = {.formula = "mean = S x / m, variance = S (x - mean)^2 / m; S: sums over a channel of m elements",
             .shapes = "x with the channels at `axis`; mean, variance f64 [C]",
             .gradient = "dx = (dmean + 2 (x - mean) dvariance) / m",
             .source = "Ioffe & Szegedy 2015"}});

Moments moments(const Value& x, const AxisOptions& options) {
  const Values out = x.graph().add_all(moments_op, options, {x});
  return {out[0], out[1]};
}

Moments moments_by_parts(const Value& x, const AxisOptions& options) {
  const Values parts = parts_along(x, normalized_axis(options.axis, x.shape()));
  if (parts.size() == 1) return moments(x, options);
  Values means, variances;
  for (const Value& part : parts) {
    const Moments m = moments(part, options);
    means.push_back(m.mean);
    variances.push_back(m.variance);
  }
  return {concat(means, {.axis = 0}), concat(variances, {.axis = 0})};
}

}  // namespace gradus
