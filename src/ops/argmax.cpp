// argmax: the place of the largest element along one axis.
#include <algorithm>

#include "gradus/ops.h"
#include "ops/support/lines.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"
#include "ops/support/winners.h"

namespace gradus {
namespace {

Types infer(const AxisOptions& op, std::span<const Type> in) {
  require(in[0].dtype != DType::boolean, "x is bool; numbers were needed. cast() it first.");
  const int axis = normalized_axis(op.axis, in[0].shape);
  require(in[0].shape[axis] > 0, "axis {} of x {} is empty; there is no largest of nothing.", axis,
          in[0].shape.str());
  return Type{DType::i64, in[0].shape.without(axis)};
}

std::vector<std::int64_t> branch(const AxisOptions& op, std::span<const Tensor> in) {
  const int axis = normalized_axis(op.axis, in[0].shape());
  const Lines lines(in[0].shape(), axis);
  std::vector<std::int64_t> places = winners(in[0], in[0].shape().with(axis, 1));
  for (std::int64_t& place : places) place = place / lines.inner % lines.length;
  return places;
}

void reference(const AxisOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const std::vector<std::int64_t> places = branch(op, in);
  std::copy(places.begin(), places.end(), out[0].values<std::int64_t>().begin());
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Shape& shape : sample_shapes()) {
    for (std::int64_t axis = 0; axis < shape.rank(); ++axis) {
      if (shape[static_cast<int>(axis)] == 0) continue;
      list.push_back({AxisOptions{axis}, {{shape}}});
      list.push_back({AxisOptions{axis - shape.rank()}, {{shape, -3, 3, SampleInput::index}}});  // ties
    }
  }
  return list;
}

std::vector<Refusal> refusals() {
  return {
      {AxisOptions{0},
       {{DType::f32, {0, 3}}},
       "argmax: axis 0 of x [0, 3] is empty; there is no largest of nothing."},
      {AxisOptions{}, {{DType::f32, {}}}, "argmax: there is no axis -1 in x []."},
      {AxisOptions{}, {{DType::boolean, {3}}}, "argmax: x is bool; numbers were needed. cast() it first."}};
}

}  // namespace

extern const OpDef argmax_op =
    define<AxisOptions>({.name = "argmax",
                         .inputs = {"x"},
                         .kind = OpDef::reduction,
                         .infer = infer,
                         .vjp = not_differentiable,
                         .reference = reference,
                         .branch = branch,
                         .samples = samples,
                         .refusals = refusals,
                         .doc = {.formula = "y = the first index of the largest of x along the axis",
                                 .shapes = "y is i64; the axis, which must not be empty, vanishes",
                                 .gradient = "none",
                                 .source = ""}});

Value argmax(const Value& x, const AxisOptions& options) { return x.graph().add(argmax_op, options, {x}); }

}  // namespace gradus
