// add(a, b) = a + b, per element with broadcasting.
#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Add {
  template <class T>
  T operator()(const NoOptions&, T a, T b) const {
    return static_cast<T>(a + b);
  }
};

Values vjp(const Node& n, const Value&, const Value& dy) {
  return {sum_to(dy, n.in[0].shape()), sum_to(dy, n.in[1].shape())};
}

int same_as(const NoOptions&, const Values& in) {
  return is_constant(in[1], 0) ? 0 : is_constant(in[0], 0) ? 1 : -1;
}

std::vector<Refusal> refusals() {
  return {{NoOptions{},
           {{DType::f32, {2, 3}}, {DType::f32, {2, 4}}},
           "add: shapes [2, 3] and [2, 4] do not broadcast: axis -1 has 3 and 4 elements; they must be "
           "equal, or one "
           "of them 1."},
          {NoOptions{},
           {{DType::f32, {2}}, {DType::f64, {2}}},
           "add: the inputs differ in element type: f32[2] and f64[2]. cast() one of them."},
          {NoOptions{},
           {{DType::boolean, {2}}, {DType::boolean, {2}}},
           "add: a and b are bool; numbers were needed. cast() them first."}};
}

}  // namespace

extern const OpDef add_op =
    define<NoOptions>({.name = "add",
                       .inputs = {"a", "b"},
                       .kind = OpDef::elementwise,
                       .infer = infer_binary,
                       .vjp = vjp,
                       .reference = map_binary<Add>,
                       .same_as = same_as,
                       .samples = [] { return binary_samples(); },
                       .refusals = refusals,
                       .doc = {.formula = "y = a + b",
                               .shapes = "a, b broadcast to y",
                               .gradient = "da = dy, db = dy, summed over stretched axes",
                               .source = "NumPy broadcasting rules"}});

Value add(const Value& a, const Value& b) { return a.graph().add(add_op, NoOptions{}, {a, b}); }
Value operator+(const Value& a, double b) { return add(a, scalar(a.graph(), b, a.dtype())); }
Value operator+(double a, const Value& b) { return add(scalar(b.graph(), a, b.dtype()), b); }

}  // namespace gradus
