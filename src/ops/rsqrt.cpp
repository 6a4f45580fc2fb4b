// rsqrt(x) = 1 / sqrt(x), per element; inf at 0, NaN below.
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Rsqrt {
  template <class T>
  T operator()(const NoOptions&, T x) const {
    return 1 / std::sqrt(x);
  }
};

Values vjp(const Node&, const Value& y, const Value& dy) { return {-0.5 * dy * (y * square(y))}; }

std::vector<Refusal> refusals() {
  return {{NoOptions{}, {{DType::i64, {3}}}, "rsqrt: x must be f32 or f64, it is i64[3]. cast() it first."}};
}

}  // namespace

extern const OpDef rsqrt_op = define<NoOptions>({.name = "rsqrt",
                                                 .inputs = {"x"},
                                                 .kind = OpDef::elementwise,
                                                 .infer = infer_unary,
                                                 .vjp = vjp,
                                                 .reference = map_unary<Rsqrt>,
                                                 .samples = [] { return unary_samples(0.2, 3); },
                                                 .refusals = refusals,
                                                 .doc = {.formula = "y = x^(-1/2)",
                                                         .shapes = "y has the shape of x",
                                                         .gradient = "dx = -y^3 dy / 2",
                                                         .source = ""}});

Value rsqrt(const Value& x) { return x.graph().add(rsqrt_op, NoOptions{}, {x}); }

}  // namespace gradus
