// neg(x) = -x, per element.
#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Neg {
  template <class T>
  T operator()(const NoOptions&, T x) const {
    return -x;
  }
};

Values vjp(const Node&, const Value&, const Value& dy) { return {-dy}; }

std::vector<Refusal> refusals() {
  return {
      {NoOptions{}, {{DType::i32, {2, 2}}}, "neg: x must be f32 or f64, it is i32[2, 2]. cast() it first."}};
}

}  // namespace

extern const OpDef neg_op = define<NoOptions>(
    {.name = "neg",
     .inputs = {"x"},
     .kind = OpDef::elementwise,
     .infer = infer_unary,
     .vjp = vjp,
     .reference = map_unary<Neg>,
     .samples = [] { return unary_samples(); },
     .refusals = refusals,
     .doc = {.formula = "y = -x", .shapes = "y has the shape of x", .gradient = "dx = -dy", .source = ""}});

Value neg(const Value& x) { return x.graph().add(neg_op, NoOptions{}, {x}); }

}  // namespace gradus
