// is_finite(x): false where x is NaN or infinite, per element.
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct IsFinite {
  template <class T>
  bool operator()(const NoOptions&, T x) const {
    return std::isfinite(x);
  }
};

Types infer(const NoOptions&, std::span<const Type> in) {
  require_float(in[0], "x");
  return Type{DType::boolean, in[0].shape};
}

std::vector<Refusal> refusals() {
  return {
      {NoOptions{}, {{DType::i64, {3}}}, "is_finite: x must be f32 or f64, it is i64[3]. cast() it first."}};
}

}  // namespace

extern const OpDef is_finite_op = define<NoOptions>({.name = "is_finite",
                                                     .inputs = {"x"},
                                                     .kind = OpDef::elementwise,
                                                     .infer = infer,
                                                     .vjp = not_differentiable,
                                                     .reference = map_unary<IsFinite>,
                                                     .samples = [] { return unary_samples(); },
                                                     .refusals = refusals,
                                                     .doc = {.formula = "y = x is neither NaN nor infinite",
                                                             .shapes = "y is bool and has the shape of x",
                                                             .gradient = "none",
                                                             .source = ""}});

Value is_finite(const Value& x) { return x.graph().add(is_finite_op, NoOptions{}, {x}); }

}  // namespace gradus
