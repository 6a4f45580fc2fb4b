// atan(x), in radians, per element.
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Atan {
  template <class T>
  T operator()(const NoOptions&, T x) const {
    return std::atan(x);
  }
};

Values vjp(const Node& n, const Value&, const Value& dy) { return {dy / (1.0 + square(n.in[0]))}; }

std::vector<Refusal> refusals() {
  return {{NoOptions{}, {{DType::i32, {4}}}, "atan: x must be f32 or f64, it is i32[4]. cast() it first."}};
}

}  // namespace

extern const OpDef atan_op = define<NoOptions>({.name = "atan",
                                                .inputs = {"x"},
                                                .kind = OpDef::elementwise,
                                                .infer = infer_unary,
                                                .vjp = vjp,
                                                .reference = map_unary<Atan>,
                                                .samples = [] { return unary_samples(-3, 3); },
                                                .refusals = refusals,
                                                .doc = {.formula = "y = atan x, from -pi/2 to pi/2",
                                                        .shapes = "y has the shape of x",
                                                        .gradient = "dx = dy / (1 + x^2)",
                                                        .source = ""}});

Value atan(const Value& x) { return x.graph().add(atan_op, NoOptions{}, {x}); }

}  // namespace gradus
