// assign: sets a variable when the step ends; every read in the same step sees the value before.
#include "base/check.h"
#include "gradus/ops.h"
#include "graph/sources.h"

namespace gradus {
namespace {

Types infer(const StateOptions& op, std::span<const Type> in) {
  require(op.variable.defined(), "its variable is empty.");
  require(op.variable.type() == in[0], "variable '{}' holds {}, value is {}.", op.variable.name(),
          op.variable.type().str(), in[0].str());
  return in[0];
}

void reference(const StateOptions&, std::span<const Tensor> in, std::span<const Tensor> out) {
  out[0].copy_from(in[0]);
}

}  // namespace

extern const OpDef assign_op =
    define<StateOptions>({.name = "assign",
                          .inputs = {"value"},
                          .kind = OpDef::state,
                          .infer = infer,
                          .vjp = not_differentiable,
                          .reference = reference,
                          .doc = {.formula = "variable := value, when the step ends",
                                  .shapes = "value and variable have one type",
                                  .gradient = "none",
                                  .source = ""}});

Value assign(const Variable& variable, const Value& value) {
  return value.graph().add(assign_op, StateOptions{variable}, {value});
}

}  // namespace gradus
