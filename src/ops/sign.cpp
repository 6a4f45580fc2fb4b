// sign(x): -1, 0 or 1, per element.
#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

// NaN stays NaN, and a zero keeps its sign.
struct Sign {
  template <class T>
  T operator()(const NoOptions&, T x) const {
    return x > 0 ? T(1) : x < 0 ? T(-1) : x;
  }
};

Values vjp(const Node& n, const Value& y, const Value&) { return {full(y.graph(), n.in[0].type(), 0)}; }

// Negative, zero, positive: the kink is at 0.
struct Side {
  template <class T>
  std::int64_t operator()(const NoOptions&, T x) const {
    return (x > 0) - (x < 0);
  }
};

std::vector<Refusal> refusals() {
  return {
      {NoOptions{}, {{DType::i32, {2, 2}}}, "sign: x must be f32 or f64, it is i32[2, 2]. cast() it first."}};
}

}  // namespace

extern const OpDef sign_op = define<NoOptions>({.name = "sign",
                                                .inputs = {"x"},
                                                .kind = OpDef::elementwise,
                                                .infer = infer_unary,
                                                .vjp = vjp,
                                                .reference = map_unary<Sign>,
                                                .branch = branch_unary<Side>,
                                                .samples = [] { return unary_samples(); },
                                                .refusals = refusals,
                                                .doc = {.formula = "y = 1 if x > 0, -1 if x < 0, else x",
                                                        .shapes = "y has the shape of x",
                                                        .gradient = "dx = 0, also at the step",
                                                        .source = ""}});

Value sign(const Value& x) { return x.graph().add(sign_op, NoOptions{}, {x}); }

}  // namespace gradus
