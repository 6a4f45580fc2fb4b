// one_hot: a class index becomes a row of zeros with a 1 at that place.
#include "gradus/ops.h"
#include "ops/support/indices.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

Types infer(const OneHotOptions& op, std::span<const Type> in) {
  require_integer(in[0], "labels");
  require(op.classes >= 1, "there must be at least one class, not {}.", op.classes);
  std::vector<std::int64_t> extents = in[0].shape.list();
  extents.push_back(op.classes);
  return Type{op.dtype, Shape(extents)};
}

void reference(const OneHotOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const auto labels = checked_indices(in[0], op.classes, "one_hot", "labels");
  out[0].fill(0);
  dispatch(out[0].dtype(), [&](auto zero) {
    const auto y = out[0].values<decltype(zero)>();
    for (std::size_t i = 0; i < labels.size(); ++i) {
      y[i * static_cast<std::size_t>(op.classes) + static_cast<std::size_t>(labels[i])] = 1;
    }
  });
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const DType dtype : {DType::f32, DType::f64, DType::i64, DType::boolean}) {
    for (const Shape& shape : {Shape{}, Shape{1}, Shape{7}, Shape{0}, Shape{2, 3}}) {
      for (const std::int64_t classes : {1, 3, 10}) {
        list.push_back(
            {OneHotOptions{classes, dtype}, {{shape, 0, static_cast<double>(classes), SampleInput::index}}});
      }
    }
  }
  return list;
}

std::vector<Refusal> refusals() {
  return {{OneHotOptions{10},
           {{DType::f32, {4}}},
           "one_hot: labels must be i32 or i64, it is f32[4]. cast() it first."},
          {OneHotOptions{0}, {{DType::i64, {4}}}, "one_hot: there must be at least one class, not 0."}};
}

}  // namespace

extern const OpDef one_hot_op = define<OneHotOptions>(
    {.name = "one_hot",
     .inputs = {"labels"},
     .kind = OpDef::composite,
     .infer = infer,
     .vjp = not_differentiable,
     .reference = reference,
     .samples = samples,
     .refusals = refusals,
     .doc = {.formula = "y[..., k] = 1 if labels[...] = k, else 0; a label outside the classes is refused at "
                        "run time",
             .shapes = "labels [...] (i32 or i64), y [..., classes] of the element type asked for",
             .gradient = "none",
             .source = ""}});

Value one_hot(const Value& labels, const OneHotOptions& options) {
  return labels.graph().add(one_hot_op, options, {labels});
}

}  // namespace gradus
