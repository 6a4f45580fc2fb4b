// constant: a tensor fixed in the graph.
#include "base/check.h"
#include "gradus/ops.h"
#include "graph/sources.h"

namespace gradus {
namespace {

Types infer(const ConstantOptions& op, std::span<const Type>) {
  require(op.value.defined(), "its tensor is empty.");
  return op.value.type();
}

void reference(const ConstantOptions& op, std::span<const Tensor>, std::span<const Tensor> out) {
  out[0].copy_from(op.value);
}

}  // namespace

extern const OpDef constant_op = define<ConstantOptions>({.name = "constant",
                                                          .inputs = {},
                                                          .kind = OpDef::constant,
                                                          .infer = infer,
                                                          .vjp = not_differentiable,
                                                          .reference = reference,
                                                          .doc = {.formula = "a fixed tensor",
                                                                  .shapes = "its own",
                                                                  .gradient = "none: it has no inputs",
                                                                  .source = ""}});

Value constant(Graph& graph, const Tensor& value) {
  return graph.add(constant_op, ConstantOptions{value.clone()});
}

Value scalar(Graph& graph, double value, DType dtype) {
  const Tensor tensor = Tensor::scalar(value, dtype);
  require(is_float(dtype) || tensor.at(0) == value,
          "scalar: {} is no {}. cast() the other operand to f32 or f64 first.", value, name(dtype));
  return constant(graph, tensor);
}

Value full(Graph& graph, const Type& type, double value) {
  return broadcast_to(scalar(graph, value, type.dtype), type.shape);
}

}  // namespace gradus
