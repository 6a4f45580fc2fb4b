// sigmoid(x) = 1 / (1 + exp(-x)), per element.
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

// The exponential of a positive number is never taken, so nothing overflows.
struct Sigmoid {
  template <class T>
  T operator()(const NoOptions&, T x) const {
    const T e = std::exp(-std::abs(x));
    return x >= 0 ? 1 / (1 + e) : e / (1 + e);
  }
};

Values vjp(const Node&, const Value& y, const Value& dy) { return {dy * (y * (1.0 - y))}; }

std::vector<Refusal> refusals() {
  return {
      {NoOptions{}, {{DType::i64, {3}}}, "sigmoid: x must be f32 or f64, it is i64[3]. cast() it first."}};
}

}  // namespace

extern const OpDef sigmoid_op = define<NoOptions>({.name = "sigmoid",
                                                   .inputs = {"x"},
                                                   .kind = OpDef::elementwise,
                                                   .infer = infer_unary,
                                                   .vjp = vjp,
                                                   .reference = map_unary<Sigmoid>,
                                                   .samples = [] { return unary_samples(-6, 6); },
                                                   .refusals = refusals,
                                                   .doc = {.formula = "y = 1 / (1 + exp(-x))",
                                                           .shapes = "y has the shape of x",
                                                           .gradient = "dx = y (1 - y) dy",
                                                           .source = "Rumelhart, Hinton & Williams 1986"}});

Value sigmoid(const Value& x) { return x.graph().add(sigmoid_op, NoOptions{}, {x}); }

}  // namespace gradus
