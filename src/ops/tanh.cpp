// tanh(x), per element.
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Tanh {
  template <class T>
  T operator()(const NoOptions&, T x) const {
    return std::tanh(x);
  }
};

Values vjp(const Node&, const Value& y, const Value& dy) { return {dy * (1.0 - square(y))}; }

std::vector<Refusal> refusals() {
  return {
      {NoOptions{}, {{DType::i32, {2, 2}}}, "tanh: x must be f32 or f64, it is i32[2, 2]. cast() it first."}};
}

}  // namespace

extern const OpDef tanh_op = define<NoOptions>({.name = "tanh",
                                                .inputs = {"x"},
                                                .kind = OpDef::elementwise,
                                                .infer = infer_unary,
                                                .vjp = vjp,
                                                .reference = map_unary<Tanh>,
                                                .samples = [] { return unary_samples(-4, 4); },
                                                .refusals = refusals,
                                                .doc = {.formula = "y = (e^x - e^-x) / (e^x + e^-x)",
                                                        .shapes = "y has the shape of x",
                                                        .gradient = "dx = (1 - y^2) dy",
                                                        .source = "LeCun et al. 1998"}});

Value tanh(const Value& x) { return x.graph().add(tanh_op, NoOptions{}, {x}); }

}  // namespace gradus
