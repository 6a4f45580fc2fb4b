// stop_gradient(x) = x, but no gradient passes: x counts as a constant.
#include "gradus/ops.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

Types infer(const NoOptions&, std::span<const Type> in) { return in[0]; }

void reference(const NoOptions&, std::span<const Tensor> in, std::span<const Tensor> out) {
  out[0].copy_from(in[0]);
}

std::vector<Refusal> refusals() {
  return {{NoOptions{}, {{DType::f32, {2}}, {DType::f32, {2}}}, "stop_gradient: it takes 1 inputs, got 2."}};
}

}  // namespace

extern const OpDef stop_gradient_op = define<NoOptions>({.name = "stop_gradient",
                                                         .inputs = {"x"},
                                                         .kind = OpDef::view,
                                                         .infer = infer,
                                                         .vjp = not_differentiable,
                                                         .reference = reference,
                                                         .samples = [] { return unary_samples(); },
                                                         .refusals = refusals,
                                                         .doc = {.formula = "y = x",
                                                                 .shapes = "y has the type of x",
                                                                 .gradient = "none: x counts as a constant",
                                                                 .source = ""}});

Value stop_gradient(const Value& x) { return x.graph().add(stop_gradient_op, NoOptions{}, {x}); }

}  // namespace gradus
