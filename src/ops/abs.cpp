// abs(x) = |x|, per element.
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Abs {
  template <class T>
  T operator()(const NoOptions&, T x) const {
    return std::abs(x);
  }
};

Values vjp(const Node& n, const Value&, const Value& dy) { return {dy * sign(n.in[0])}; }

// Negative, zero, positive: the kink is at 0.
struct Side {
  template <class T>
  std::int64_t operator()(const NoOptions&, T x) const {
    return (x > 0) - (x < 0);
  }
};

std::vector<Refusal> refusals() {
  return {
      {NoOptions{}, {{DType::u8, {1, 5}}}, "abs: x must be f32 or f64, it is u8[1, 5]. cast() it first."}};
}

}  // namespace

extern const OpDef abs_op = define<NoOptions>({.name = "abs",
                                               .inputs = {"x"},
                                               .kind = OpDef::elementwise,
                                               .infer = infer_unary,
                                               .vjp = vjp,
                                               .reference = map_unary<Abs>,
                                               .branch = branch_unary<Side>,
                                               .samples = [] { return unary_samples(); },
                                               .refusals = refusals,
                                               .doc = {.formula = "y = |x|",
                                                       .shapes = "y has the shape of x",
                                                       .gradient = "dx = sign(x) dy; 0 at 0",
                                                       .source = ""}});

Value abs(const Value& x) { return x.graph().add(abs_op, NoOptions{}, {x}); }

}  // namespace gradus
