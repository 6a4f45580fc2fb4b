// clip(x) = min(max(x, low), high), per element.
#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

// NaN passes through.
struct Clip {
  template <class T>
  T operator()(const ClipOptions& op, T x) const {
    const T low = static_cast<T>(op.low), high = static_cast<T>(op.high);
    return x < low ? low : x > high ? high : x;
  }
};

struct Piece {
  template <class T>
  std::int64_t operator()(const ClipOptions& op, T x) const {
    return (x > static_cast<T>(op.high)) - (x < static_cast<T>(op.low));
  }
};

Types infer(const ClipOptions& op, std::span<const Type> in) {
  require_float(in[0], "x");
  require(op.low <= op.high, "low must be at most high, low is {} and high is {}.", op.low, op.high);
  return in[0];
}

Values vjp(const Node& n, const Value& y, const Value& dy) {
  const auto& op = n.attr<ClipOptions>();
  const auto number = [&](double value) { return scalar(y.graph(), value, y.dtype()); };
  const Value inside =
      logical_and(greater_equal(n.in[0], number(op.low)), less_equal(n.in[0], number(op.high)));
  return {select(inside, dy, number(0))};
}

std::vector<Sample> samples() {
  return cycled_samples(-2, 2,
                        {ClipOptions{-1, 1}, ClipOptions{.low = 0.25}, ClipOptions{.high = -0.5},
                         ClipOptions{}, ClipOptions{0.5, 0.5}});
}

std::vector<Refusal> refusals() {
  return {
      {ClipOptions{2, 1}, {{DType::f32, {3}}}, "clip: low must be at most high, low is 2 and high is 1."},
      {ClipOptions{0, 1}, {{DType::u8, {3}}}, "clip: x must be f32 or f64, it is u8[3]. cast() it first."}};
}

}  // namespace

extern const OpDef clip_op =
    define<ClipOptions>({.name = "clip",
                         .inputs = {"x"},
                         .kind = OpDef::elementwise,
                         .infer = infer,
                         .vjp = vjp,
                         .reference = map_unary<Clip>,
                         .branch = branch_unary<Piece>,
                         .samples = samples,
                         .refusals = refusals,
                         .doc = {.formula = "y = min(max(x, low), high)",
                                 .shapes = "y has the shape of x",
                                 .gradient = "dx = dy where low <= x <= high, else 0",
                                 .source = ""}});

Value clip(const Value& x, const ClipOptions& options) { return x.graph().add(clip_op, options, {x}); }

}  // namespace gradus
