// erf(x): the error function, per element.
#include <cmath>
#include <numbers>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Erf {
  template <class T>
  T operator()(const NoOptions&, T x) const {
    return std::erf(x);
  }
};

Values vjp(const Node& n, const Value&, const Value& dy) {
  return {2.0 * std::numbers::inv_sqrtpi * dy * exp(-square(n.in[0]))};
}

std::vector<Refusal> refusals() {
  return {{NoOptions{}, {{DType::i64, {3}}}, "erf: x must be f32 or f64, it is i64[3]. cast() it first."}};
}

}  // namespace

extern const OpDef erf_op =
    define<NoOptions>({.name = "erf",
                       .inputs = {"x"},
                       .kind = OpDef::elementwise,
                       .infer = infer_unary,
                       .vjp = vjp,
                       .reference = map_unary<Erf>,
                       .samples = [] { return unary_samples(); },
                       .refusals = refusals,
                       .doc = {.formula = "y = 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x",
                               .shapes = "y has the shape of x",
                               .gradient = "dx = 2 / sqrt(pi) exp(-x^2) dy",
                               .source = "DLMF 7.2.1"}});

Value erf(const Value& x) { return x.graph().add(erf_op, NoOptions{}, {x}); }

}  // namespace gradus
