// softmax(x) = exp(x) / sum of exp(x) along an axis; -inf gives 0.
#include "ops/support/softmax.h"

#include "gradus/ops.h"
#include "ops/support/lines.h"
#include "ops/support/rules.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

Types infer(const AxisOptions& op, std::span<const Type> in) {
  require_float(in[0], "x");
  normalized_axis(op.axis, in[0].shape);  // refuses an axis that is not there
  return in[0];
}

Values vjp(const Node& n, const Value& y, const Value& dy) {
  const ReduceOptions along{.axes = {n.attr<AxisOptions>().axis}, .keep_dims = true};
  return {y * (dy - sum(dy * y, along))};
}

void reference(const AxisOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const Lines lines(in[0].shape(), normalized_axis(op.axis, in[0].shape()));
  dispatch_float(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto x = in[0].values<const T>();
    const auto y = out[0].values<T>();
    lines.each([&](std::int64_t first, std::int64_t step, std::int64_t) {
      const LogSumExp lse(x, first, step, lines.length);
      for (std::int64_t i = 0; i < lines.length; ++i) {
        const auto at = static_cast<std::size_t>(first + i * step);
        y[at] = static_cast<T>(std::exp(x[at] - lse.largest - lse.log_sum));
      }
    });
  });
}

std::vector<Refusal> refusals() {
  return {
      {AxisOptions{1}, {{DType::f32, {3}}}, "softmax: there is no axis 1 in x [3]."},
      {AxisOptions{}, {{DType::f64, {}}}, "softmax: there is no axis -1 in x []."},
      {AxisOptions{}, {{DType::i32, {3}}}, "softmax: x must be f32 or f64, it is i32[3]. cast() it first."}};
}

}  // namespace

extern const OpDef softmax_op =
    define<AxisOptions>({.name = "softmax",
                         .inputs = {"x"},
                         .kind = OpDef::composite,
                         .infer = infer,
                         .vjp = vjp,
                         .reference = reference,
                         .samples = softmax_samples,
                         .refusals = refusals,
                         .doc = {.formula = "y = e^x / sum of e^x along the axis",
                                 .shapes = "y has the shape of x",
                                 .gradient = "dx = y (dy - sum of dy y along the axis)",
                                 .source = "Bridle 1990"}});

Value softmax(const Value& x, const AxisOptions& options) { return x.graph().add(softmax_op, options, {x}); }

}  // namespace gradus
