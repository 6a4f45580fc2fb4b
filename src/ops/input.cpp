// input: a value the caller feeds at every run.
#include "gradus/ops.h"
#include "graph/sources.h"

namespace gradus {
namespace {
Types infer(const InputOptions& op, std::span<const Type>) { return Type{op.dtype, op.shape}; }
}  // namespace

extern const OpDef input_op =
    define<InputOptions>({.name = "input",
                          .inputs = {},
                          .kind = OpDef::input,
                          .infer = infer,
                          .vjp = not_differentiable,
                          .reference = nullptr,
                          .doc = {.formula = "the tensor the caller feeds",
                                  .shapes = "the shape it was declared with",
                                  .gradient = "what arrives is the gradient with respect to it",
                                  .source = ""}});

Value input(Graph& graph, const Type& type, std::string name) {
  const Value value = graph.add(input_op, InputOptions{name, type.dtype, type.shape});
  return value.named(std::move(name));
}

}  // namespace gradus
