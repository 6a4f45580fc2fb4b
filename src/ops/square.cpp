// square(x) = x x, per element.
#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Square {
  template <class T>
  T operator()(const NoOptions&, T x) const {
    return x * x;
  }
};

Values vjp(const Node& n, const Value&, const Value& dy) { return {2.0 * dy * n.in[0]}; }

std::vector<Refusal> refusals() {
  return {{NoOptions{},
           {{DType::boolean, {4}}},
           "square: x must be f32 or f64, it is bool[4]. cast() it first."}};
}

}  // namespace

extern const OpDef square_op = define<NoOptions>(
    {.name = "square",
     .inputs = {"x"},
     .kind = OpDef::elementwise,
     .infer = infer_unary,
     .vjp = vjp,
     .reference = map_unary<Square>,
     .samples = [] { return unary_samples(); },
     .refusals = refusals,
     .doc = {
         .formula = "y = x^2", .shapes = "y has the shape of x", .gradient = "dx = 2 x dy", .source = ""}});

Value square(const Value& x) { return x.graph().add(square_op, NoOptions{}, {x}); }

}  // namespace gradus
