// maximum(a, b): the larger one, per element with broadcasting.
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

// NaN in either input gives NaN.
struct Maximum {
  template <class T>
  T operator()(const NoOptions&, T a, T b) const {
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isnan(a)) return a;
    }
    return a > b ? a : b;
  }
};

// Which input wins; ties are the kink.
struct Winner {
  template <class T>
  std::int64_t operator()(const NoOptions&, T a, T b) const {
    return (a > b) - (b > a);
  }
};

Values vjp(const Node& n, const Value& y, const Value& dy) {
  const Value &a = n.in[0], &b = n.in[1], zero = scalar(y.graph(), 0, y.dtype());
  const Value tie = select(equal(a, b), 0.5 * dy, zero);
  return {sum_to(select(greater(a, b), dy, tie), a.shape()), sum_to(select(less(a, b), dy, tie), b.shape())};
}

// Small integers give ties.
std::vector<Sample> samples() {
  std::vector<Sample> list = binary_samples();
  list.push_back({NoOptions{}, {{{7, 9}, -2, 2, SampleInput::index}, {{9}, -2, 2, SampleInput::index}}});
  return list;
}

std::vector<Refusal> refusals() {
  return {
      {NoOptions{},
       {{DType::f32, {4}}, {DType::f32, {6}}},
       "maximum: shapes [4] and [6] do not broadcast: axis -1 has 4 and 6 elements; they must be equal, or "
       "one of them 1."},
      {NoOptions{},
       {{DType::f32, {2}}, {DType::f64, {}}},
       "maximum: the inputs differ in element type: f32[2] and f64[]. cast() one of them."},
      {NoOptions{},
       {{DType::boolean, {2}}, {DType::boolean, {2}}},
       "maximum: a and b are bool; numbers were needed. cast() them first."}};
}

}  // namespace

extern const OpDef maximum_op = define<NoOptions>(
    {.name = "maximum",
     .inputs = {"a", "b"},
     .kind = OpDef::elementwise,
     .infer = infer_binary,
     .vjp = vjp,
     .reference = map_binary<Maximum>,
     .branch = branch_binary<Winner>,
     .samples = samples,
     .refusals = refusals,
     .doc = {.formula = "y = max(a, b); NaN if either is",
             .shapes = "a, b broadcast to y",
             .gradient = "the larger one gets dy, summed over stretched axes; at a = b each gets dy / 2",
             .source = ""}});

Value maximum(const Value& a, const Value& b) { return a.graph().add(maximum_op, NoOptions{}, {a, b}); }

}  // namespace gradus
