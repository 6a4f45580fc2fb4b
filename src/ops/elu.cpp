// elu(x) = x if x > 0, else alpha (exp(x) - 1), per element.
#include <cmath>
#include <limits>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Elu {
  template <class T>
  T operator()(const EluOptions& op, T x) const {
    return x > 0 ? x : static_cast<T>(op.alpha) * std::expm1(x);
  }
};

struct Side {
  template <class T>
  std::int64_t operator()(const EluOptions&, T x) const {
    return x > 0;
  }
};

Types infer(const EluOptions& op, std::span<const Type> in) {
  require_float(in[0], "x");
  require(std::isfinite(op.alpha), "alpha must be finite, it is {}.", op.alpha);
  return in[0];
}

// alpha exp(x) is written y + alpha, which cannot overflow on the side that is not taken.
Values vjp(const Node& n, const Value& y, const Value& dy) {
  const Value positive = greater(n.in[0], scalar(y.graph(), 0, y.dtype()));
  return {select(positive, dy, dy * (y + n.attr<EluOptions>().alpha))};
}

std::vector<Sample> samples() {
  return cycled_samples(-3, 3, {EluOptions{}, EluOptions{0.3}, EluOptions{1.7}, EluOptions{0}});
}

std::vector<Refusal> refusals() {
  return {{EluOptions{}, {{DType::i64, {2}}}, "elu: x must be f32 or f64, it is i64[2]. cast() it first."},
          {EluOptions{-std::numeric_limits<double>::infinity()},
           {{DType::f32, {2}}},
           "elu: alpha must be finite, it is -inf."}};
}

}  // namespace

extern const OpDef elu_op =
    define<EluOptions>({.name = "elu",
                        .inputs = {"x"},
                        .kind = OpDef::elementwise,
                        .infer = infer,
                        .vjp = vjp,
                        .reference = map_unary<Elu>,
                        .branch = branch_unary<Side>,
                        .samples = samples,
                        .refusals = refusals,
                        .doc = {.formula = "y = x if x > 0, else alpha (e^x - 1)",
                                .shapes = "y has the shape of x",
                                .gradient = "dx = dy where x > 0, else alpha e^x dy (also at 0)",
                                .source = "Clevert, Unterthiner & Hochreiter 2016"}});

Value elu(const Value& x, const EluOptions& options) { return x.graph().add(elu_op, options, {x}); }

}  // namespace gradus
