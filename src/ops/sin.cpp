// sin(x), x in radians, per element.
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Sin {
  template <class T>
  T operator()(const NoOptions&, T x) const {
    return std::sin(x);
  }
};

Values vjp(const Node& n, const Value&, const Value& dy) { return {dy * cos(n.in[0])}; }

std::vector<Refusal> refusals() {
  return {
      {NoOptions{}, {{DType::boolean, {4}}}, "sin: x must be f32 or f64, it is bool[4]. cast() it first."}};
}

}  // namespace

extern const OpDef sin_op = define<NoOptions>({.name = "sin",
                                               .inputs = {"x"},
                                               .kind = OpDef::elementwise,
                                               .infer = infer_unary,
                                               .vjp = vjp,
                                               .reference = map_unary<Sin>,
                                               .samples = [] { return unary_samples(-6, 6); },
                                               .refusals = refusals,
                                               .doc = {.formula = "y = sin x",
                                                       .shapes = "y has the shape of x",
                                                       .gradient = "dx = cos(x) dy",
                                                       .source = ""}});

Value sin(const Value& x) { return x.graph().add(sin_op, NoOptions{}, {x}); }

}  // namespace gradus
