// variable: reads state (a parameter, a moment, a running statistic) as it was before this step.
#include "base/check.h"
#include "gradus/ops.h"
#include "graph/sources.h"

namespace gradus {
namespace {

Types infer(const StateOptions& op, std::span<const Type>) {
  require(op.variable.defined(), "its variable is empty.");
  return op.variable.type();
}

void reference(const StateOptions& op, std::span<const Tensor>, std::span<const Tensor> out) {
  out[0].copy_from(op.variable.value());
}

}  // namespace

extern const OpDef variable_op =
    define<StateOptions>({.name = "variable",
                          .inputs = {},
                          .kind = OpDef::state,
                          .infer = infer,
                          .vjp = not_differentiable,
                          .reference = reference,
                          .doc = {.formula = "the variable's elements before this step",
                                  .shapes = "the variable's",
                                  .gradient = "what arrives is the gradient with respect to the variable",
                                  .source = ""}});

// One node per variable and graph, so gradients(y, variables) finds it again.
Value read(Graph& graph, const Variable& variable) {
  if (const Value known = graph.find(variable)) return known;
  const Graph::Path top(graph, "");
  const Value value = graph.add(variable_op, StateOptions{variable});
  return value.named(variable.name());
}

}  // namespace gradus
