// div(a, b) = a / b, per element with broadcasting, by the rules of IEEE 754: 1 / 0 is inf, 0 / 0 NaN.
#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Div {
  template <class T>
  T operator()(const NoOptions&, T a, T b) const {
    return a / b;
  }
};

Values vjp(const Node& n, const Value& y, const Value& dy) {
  const Value &a = n.in[0], &b = n.in[1], da = dy / b;
  return {sum_to(da, a.shape()), sum_to(-da * y, b.shape())};
}

// The divisor keeps away from 0.
std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const auto& [a, b] : sample_pairs()) list.push_back({NoOptions{}, {{a}, {b, 0.5, 2}}});
  return list;
}

std::vector<Refusal> refusals() {
  return {{NoOptions{},
           {{DType::i64, {2}}, {DType::i64, {2}}},
           "div: a must be f32 or f64, it is i64[2]. cast() it first."},
          {NoOptions{},
           {{DType::f32, {2}}, {DType::f64, {2}}},
           "div: the inputs differ in element type: f32[2] and f64[2]. cast() one of them."},
          {NoOptions{},
           {{DType::f32, {2, 3}}, {DType::f32, {3, 3}}},
           "div: shapes [2, 3] and [3, 3] do not broadcast: axis -2 has 2 and 3 elements; they must be "
           "equal, or one of them 1."}};
}

}  // namespace

extern const OpDef div_op =
    define<NoOptions>({.name = "div",
                       .inputs = {"a", "b"},
                       .kind = OpDef::elementwise,
                       .infer = infer_binary_float,
                       .vjp = vjp,
                       .reference = map_binary_float<Div>,
                       .samples = samples,
                       .refusals = refusals,
                       .doc = {.formula = "y = a / b",
                               .shapes = "a, b broadcast to y",
                               .gradient = "da = dy / b, db = -y dy / b, summed over stretched axes",
                               .source = "quotient rule"}});

Value div(const Value& a, const Value& b) { return a.graph().add(div_op, NoOptions{}, {a, b}); }
Value operator/(const Value& a, double b) { return div(a, scalar(a.graph(), b, a.dtype())); }
Value operator/(double a, const Value& b) { return div(scalar(b.graph(), a, b.dtype()), b); }

}  // namespace gradus
