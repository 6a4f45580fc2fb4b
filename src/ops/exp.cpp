// exp(x) = e^x, per element.
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Exp {
  template <class T>
  T operator()(const NoOptions&, T x) const {
    return std::exp(x);
  }
};

Values vjp(const Node&, const Value& y, const Value& dy) { return {dy * y}; }

std::vector<Refusal> refusals() {
  return {{NoOptions{}, {{DType::i64, {3}}}, "exp: x must be f32 or f64, it is i64[3]. cast() it first."}};
}

}  // namespace

extern const OpDef exp_op = define<NoOptions>(
    {.name = "exp",
     .inputs = {"x"},
     .kind = OpDef::elementwise,
     .infer = infer_unary,
     .vjp = vjp,
     .reference = map_unary<Exp>,
     .samples = [] { return unary_samples(); },
     .refusals = refusals,
     .doc = {.formula = "y = e^x", .shapes = "y has the shape of x", .gradient = "dx = y dy", .source = ""}});

Value exp(const Value& x) { return x.graph().add(exp_op, NoOptions{}, {x}); }

}  // namespace gradus
