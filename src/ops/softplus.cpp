// softplus(x) = log(1 + exp(beta x)) / beta, per element: a smooth relu.
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

// The exponential of a positive number is never taken, so nothing overflows.
struct Softplus {
  template <class T>
  T operator()(const SoftplusOptions& op, T x) const {
    const T beta = static_cast<T>(op.beta), z = beta * x;
    return (z > 0 ? x : T(0)) + std::log1p(std::exp(-std::abs(z))) / beta;
  }
};

Types infer(const SoftplusOptions& op, std::span<const Type> in) {
  require_float(in[0], "x");
  require(op.beta > 0 && std::isfinite(op.beta), "beta must be positive and finite, it is {}.", op.beta);
  return in[0];
}

Values vjp(const Node& n, const Value&, const Value& dy) {
  return {dy * sigmoid(n.attr<SoftplusOptions>().beta * n.in[0])};
}

std::vector<Sample> samples() {
  return cycled_samples(-5, 5, {SoftplusOptions{}, SoftplusOptions{0.5}, SoftplusOptions{3}});
}

std::vector<Refusal> refusals() {
  return {{SoftplusOptions{0}, {{DType::f32, {2}}}, "softplus: beta must be positive and finite, it is 0."},
          {SoftplusOptions{},
           {{DType::boolean, {2}}},
           "softplus: x must be f32 or f64, it is bool[2]. cast() it first."}};
}

}  // namespace

extern const OpDef softplus_op = define<SoftplusOptions>({.name = "softplus",
                                                          .inputs = {"x"},
                                                          .kind = OpDef::elementwise,
                                                          .infer = infer,
                                                          .vjp = vjp,
                                                          .reference = map_unary<Softplus>,
                                                          .samples = samples,
                                                          .refusals = refusals,
                                                          .doc = {.formula = "y = ln(1 + e^(beta x)) / beta",
                                                                  .shapes = "y has the shape of x",
                                                                  .gradient = "dx = sigmoid(beta x) dy",
                                                                  .source = "Dugas et al. 2001"}});

Value softplus(const Value& x, const SoftplusOptions& options) {
  return x.graph().add(softplus_op, options, {x});
}

}  // namespace gradus
