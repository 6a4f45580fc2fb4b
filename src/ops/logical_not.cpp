// logical_not(x): true where x is false, per element.
#include "gradus/ops.h"
#include "ops/support/logic.h"

namespace gradus {
namespace {

Types infer(const NoOptions&, std::span<const Type> in) {
  require_boolean(in[0], "x");
  return in[0];
}

void reference(const NoOptions&, std::span<const Tensor> in, std::span<const Tensor> out) {
  const auto x = in[0].values<const bool>();
  const auto y = out[0].values<bool>();
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = !x[i];
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Shape& shape : sample_shapes())
    list.push_back({NoOptions{}, {{shape, 0, 1, SampleInput::boolean}}});
  return list;
}

std::vector<Refusal> refusals() {
  return {{NoOptions{},
           {{DType::i32, {2}}},
           "logical_not: x must be bool, it is i32[2]. Compare it with something first."}};
}

}  // namespace

extern const OpDef logical_not_op = define<NoOptions>(
    {.name = "logical_not",
     .inputs = {"x"},
     .kind = OpDef::elementwise,
     .infer = infer,
     .vjp = not_differentiable,
     .reference = reference,
     .samples = samples,
     .refusals = refusals,
     .doc = {
         .formula = "y = not x", .shapes = "x is bool, y has its type", .gradient = "none", .source = ""}});

Value logical_not(const Value& x) { return x.graph().add(logical_not_op, NoOptions{}, {x}); }

}  // namespace gradus
