// leaky_relu(x) = x if x > 0, else slope x, per element.
#include <cmath>
#include <limits>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct LeakyRelu {
  template <class T>
  T operator()(const LeakyReluOptions& op, T x) const {
    return x > 0 ? x : static_cast<T>(op.slope) * x;
  }
};

struct Side {
  template <class T>
  std::int64_t operator()(const LeakyReluOptions&, T x) const {
    return x > 0;
  }
};

Types infer(const LeakyReluOptions& op, std::span<const Type> in) {
  require_float(in[0], "x");
  require(std::isfinite(op.slope), "slope must be finite, it is {}.", op.slope);
  return in[0];
}

Values vjp(const Node& n, const Value& y, const Value& dy) {
  const Value positive = greater(n.in[0], scalar(y.graph(), 0, y.dtype()));
  return {select(positive, dy, n.attr<LeakyReluOptions>().slope * dy)};
}

std::vector<Sample> samples() {
  return cycled_samples(-2, 2,
                        {LeakyReluOptions{}, LeakyReluOptions{0.3}, LeakyReluOptions{0}, LeakyReluOptions{1},
                         LeakyReluOptions{-0.5}});
}

std::vector<Refusal> refusals() {
  return {{LeakyReluOptions{},
           {{DType::i32, {2, 2}}},
           "leaky_relu: x must be f32 or f64, it is i32[2, 2]. cast() it first."},
          {LeakyReluOptions{std::numeric_limits<double>::infinity()},
           {{DType::f32, {2}}},
           "leaky_relu: slope must be finite, it is inf."}};
}

}  // namespace

extern const OpDef leaky_relu_op =
    define<LeakyReluOptions>({.name = "leaky_relu",
                              .inputs = {"x"},
                              .kind = OpDef::elementwise,
                              .infer = infer,
                              .vjp = vjp,
                              .reference = map_unary<LeakyRelu>,
                              .branch = branch_unary<Side>,
                              .samples = samples,
                              .refusals = refusals,
                              .doc = {.formula = "y = x if x > 0, else slope x",
                                      .shapes = "y has the shape of x",
                                      .gradient = "dx = dy where x > 0, else slope dy (also at 0)",
                                      .source = "Maas, Hannun & Ng 2013"}});

Value leaky_relu(const Value& x, const LeakyReluOptions& options) {
  return x.graph().add(leaky_relu_op, options, {x});
}

}  // namespace gradus
