// sub(a, b) = a - b, per element with broadcasting.
#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Sub {
  template <class T>
  T operator()(const NoOptions&, T a, T b) const {
    return static_cast<T>(a - b);
  }
};

Values vjp(const Node& n, const Value&, const Value& dy) {
  return {sum_to(dy, n.in[0].shape()), sum_to(-dy, n.in[1].shape())};
}

std::vector<Refusal> refusals() {
  return {{NoOptions{},
           {{DType::f64, {3, 2}}, {DType::f64, {3}}},
           "sub: shapes [3, 2] and [3] do not broadcast: axis -1 has 2 and 3 elements; they must be equal, "
           "or one of them 1."},
          {NoOptions{},
           {{DType::i32, {2}}, {DType::i64, {2}}},
           "sub: the inputs differ in element type: i32[2] and i64[2]. cast() one of them."},
          {NoOptions{},
           {{DType::boolean, {2}}, {DType::boolean, {2}}},
           "sub: a and b are bool; numbers were needed. cast() them first."}};
}

}  // namespace

extern const OpDef sub_op =
    define<NoOptions>({.name = "sub",
                       .inputs = {"a", "b"},
                       .kind = OpDef::elementwise,
                       .infer = infer_binary,
                       .vjp = vjp,
                       .reference = map_binary<Sub>,
                       .samples = [] { return binary_samples(); },
                       .refusals = refusals,
                       .doc = {.formula = "y = a - b",
                               .shapes = "a, b broadcast to y",
                               .gradient = "da = dy, db = -dy, summed over stretched axes",
                               .source = "NumPy broadcasting rules"}});

Value sub(const Value& a, const Value& b) { return a.graph().add(sub_op, NoOptions{}, {a, b}); }
Value operator-(const Value& a, double b) { return sub(a, scalar(a.graph(), b, a.dtype())); }
Value operator-(double a, const Value& b) { return sub(scalar(b.graph(), a, b.dtype()), b); }

}  // namespace gradus
