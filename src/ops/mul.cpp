// mul(a, b) = a b, per element with broadcasting.
#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Mul {
  template <class T>
  T operator()(const NoOptions&, T a, T b) const {
    return static_cast<T>(a * b);
  }
};

Values vjp(const Node& n, const Value&, const Value& dy) {
  const Value &a = n.in[0], &b = n.in[1];
  return {sum_to(dy * b, a.shape()), sum_to(dy * a, b.shape())};
}

int same_as(const NoOptions&, const Values& in) {
  return is_constant(in[1], 1) ? 0 : is_constant(in[0], 1) ? 1 : -1;
}

std::vector<Refusal> refusals() {
  return {{NoOptions{},
           {{DType::f32, {3, 2}}, {DType::f32, {4, 2}}},
           "mul: shapes [3, 2] and [4, 2] do not broadcast: axis -2 has 3 and 4 elements; they must be "
           "equal, or one "
           "of them 1."}};
}

}  // namespace

extern const OpDef mul_op =
    define<NoOptions>({.name = "mul",
                       .inputs = {"a", "b"},
                       .kind = OpDef::elementwise,
                       .infer = infer_binary,
                       .vjp = vjp,
                       .reference = map_binary<Mul>,
                       .same_as = same_as,
                       .samples = [] { return binary_samples(); },
                       .refusals = refusals,
                       .doc = {.formula = "y = a b",
                               .shapes = "a, b broadcast to y",
                               .gradient = "da = b dy, db = a dy, summed over stretched axes",
                               .source = "product rule"}});

Value mul(const Value& a, const Value& b) { return a.graph().add(mul_op, NoOptions{}, {a, b}); }
Value operator*(const Value& a, double b) { return mul(a, scalar(a.graph(), b, a.dtype())); }
Value operator*(double a, const Value& b) { return mul(scalar(b.graph(), a, b.dtype()), b); }

}  // namespace gradus
