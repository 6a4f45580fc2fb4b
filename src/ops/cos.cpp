// cos(x), x in radians, per element.
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Cos {
  template <class T>
  T operator()(const NoOptions&, T x) const {
    return std::cos(x);
  }
};

Values vjp(const Node& n, const Value&, const Value& dy) { return {-dy * sin(n.in[0])}; }

std::vector<Refusal> refusals() {
  return {
      {NoOptions{}, {{DType::u8, {1, 5}}}, "cos: x must be f32 or f64, it is u8[1, 5]. cast() it first."}};
}

}  // namespace

extern const OpDef cos_op = define<NoOptions>({.name = "cos",
                                               .inputs = {"x"},
                                               .kind = OpDef::elementwise,
                                               .infer = infer_unary,
                                               .vjp = vjp,
                                               .reference = map_unary<Cos>,
                                               .samples = [] { return unary_samples(-6, 6); },
                                               .refusals = refusals,
                                               .doc = {.formula = "y = cos x",
                                                       .shapes = "y has the shape of x",
                                                       .gradient = "dx = -sin(x) dy",
                                                       .source = ""}});

Value cos(const Value& x) { return x.graph().add(cos_op, NoOptions{}, {x}); }

}  // namespace gradus
