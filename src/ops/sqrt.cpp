// sqrt(x), per element; NaN below 0.
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Sqrt {
  template <class T>
  T operator()(const NoOptions&, T x) const {
    return std::sqrt(x);
  }
};

Values vjp(const Node&, const Value& y, const Value& dy) { return {0.5 * dy / y}; }

std::vector<Refusal> refusals() {
  return {
      {NoOptions{}, {{DType::i32, {2, 2}}}, "sqrt: x must be f32 or f64, it is i32[2, 2]. cast() it first."}};
}

}  // namespace

extern const OpDef sqrt_op = define<NoOptions>({.name = "sqrt",
                                                .inputs = {"x"},
                                                .kind = OpDef::elementwise,
                                                .infer = infer_unary,
                                                .vjp = vjp,
                                                .reference = map_unary<Sqrt>,
                                                .samples = [] { return unary_samples(0.1, 3); },
                                                .refusals = refusals,
                                                .doc = {.formula = "y = x^(1/2)",
                                                        .shapes = "y has the shape of x",
                                                        .gradient = "dx = dy / (2 y); infinite at 0",
                                                        .source = ""}});

Value sqrt(const Value& x) { return x.graph().add(sqrt_op, NoOptions{}, {x}); }

}  // namespace gradus
