// log1p(x) = log(1 + x), per element, exact for small x; -inf at -1, NaN below.
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Log1p {
  template <class T>
  T operator()(const NoOptions&, T x) const {
    return std::log1p(x);
  }
};

Values vjp(const Node& n, const Value&, const Value& dy) { return {dy / (1.0 + n.in[0])}; }

std::vector<Refusal> refusals() {
  return {
      {NoOptions{}, {{DType::u8, {1, 5}}}, "log1p: x must be f32 or f64, it is u8[1, 5]. cast() it first."}};
}

}  // namespace

extern const OpDef log1p_op = define<NoOptions>({.name = "log1p",
                                                 .inputs = {"x"},
                                                 .kind = OpDef::elementwise,
                                                 .infer = infer_unary,
                                                 .vjp = vjp,
                                                 .reference = map_unary<Log1p>,
                                                 .samples = [] { return unary_samples(-0.8, 3); },
                                                 .refusals = refusals,
                                                 .doc = {.formula = "y = ln(1 + x)",
                                                         .shapes = "y has the shape of x",
                                                         .gradient = "dx = dy / (1 + x)",
                                                         .source = ""}});

Value log1p(const Value& x) { return x.graph().add(log1p_op, NoOptions{}, {x}); }

}  // namespace gradus
