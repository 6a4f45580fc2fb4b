// pow(a, b) = a^b, per element with broadcasting; a < 0 needs a whole b, else NaN.
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Pow {
  template <class T>
  T operator()(const NoOptions&, T a, T b) const {
    return std::pow(a, b);
  }
};

// b a^(b-1) at a = b = 0 would be 0 * inf, and y log a at a = 0 would be 0 * -inf: both limits are 0. The
// guards change operands, not results, because an infinite operand would come back as NaN when the rule is
// differentiated.
Values vjp(const Node& n, const Value& y, const Value& dy) {
  const Value &a = n.in[0], &b = n.in[1];
  const Value zero = scalar(y.graph(), 0, y.dtype()), one = scalar(y.graph(), 1, y.dtype());
  const Value a_is_0 = equal(a, zero);
  const Value exponent = select(logical_and(a_is_0, equal(b, zero)), one, b - one);
  const Value da = dy * (b * pow(a, exponent));
  const Value db = dy * (y * log(select(a_is_0, one, a)));
  return {sum_to(da, a.shape()), sum_to(db, b.shape())};
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const auto& [a, b] : sample_pairs()) list.push_back({NoOptions{}, {{a, 0.2, 2}, {b, -2, 3}}});
  return list;
}

std::vector<Refusal> refusals() {
  return {{NoOptions{},
           {{DType::i32, {2}}, {DType::i32, {2}}},
           "pow: a must be f32 or f64, it is i32[2]. cast() it first."},
          {NoOptions{},
           {{DType::f32, {2}}, {DType::i32, {2}}},
           "pow: the inputs differ in element type: f32[2] and i32[2]. cast() one of them."},
          {NoOptions{},
           {{DType::f32, {5, 2}}, {DType::f32, {4, 1}}},
           "pow: shapes [5, 2] and [4, 1] do not broadcast: axis -2 has 5 and 4 elements; they must be "
           "equal, or one of them 1."}};
}

}  // namespace

extern const OpDef pow_op = define<NoOptions>(
    {.name = "pow",
     .inputs = {"a", "b"},
     .kind = OpDef::elementwise,
     .infer = infer_binary_float,
     .vjp = vjp,
     .reference = map_binary_float<Pow>,
     .samples = samples,
     .refusals = refusals,
     .doc = {.formula = "y = a^b",
             .shapes = "a, b broadcast to y",
             .gradient = "da = b a^(b-1) dy, 0 at a = b = 0; db = y ln(a) dy for a > 0, 0 at "
                         "a = 0 <= b, NaN for a < 0",
             .source = ""}});

Value pow(const Value& a, const Value& b) { return a.graph().add(pow_op, NoOptions{}, {a, b}); }

}  // namespace gradus
