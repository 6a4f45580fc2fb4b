// reshape: the same elements in the same order under another shape.
#include <cstring>

#include "gradus/ops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct ReshapeOptions {
  Shape shape;
  static void fields(auto& self, auto&& visit) { visit("shape", self.shape); }
};

Types infer(const ReshapeOptions& op, std::span<const Type> in) {
  require(op.shape.size() == in[0].shape.size(), "x {} has {} elements, {} would have {}.", in[0].shape.str(),
          in[0].shape.size(), op.shape.str(), op.shape.size());
  return Type{in[0].dtype, op.shape};
}

Values vjp(const Node& n, const Value&, const Value& dy) { return {reshape(dy, n.in[0].shape())}; }

void reference(const ReshapeOptions&, std::span<const Tensor> in, std::span<const Tensor> out) {
  out[0].copy_from(in[0].reshaped(out[0].shape()));
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Shape& shape : sample_shapes()) {
    list.push_back({ReshapeOptions{Shape{shape.size()}}, {{shape}}});
    list.push_back({ReshapeOptions{Shape{1, shape.size(), 1}}, {{shape}}});
  }
  return list;
}

std::vector<Refusal> refusals() {
  return {
      {ReshapeOptions{{4}}, {{DType::f32, {2, 3}}}, "reshape: x [2, 3] has 6 elements, [4] would have 4."}};
}

}  // namespace

extern const OpDef reshape_op = define<ReshapeOptions>({.name = "reshape",
                                                        .inputs = {"x"},
                                                        .kind = OpDef::view,
                                                        .infer = infer,
                                                        .vjp = vjp,
                                                        .reference = reference,
                                                        .takes_bf16 = true,
                                                        .samples = samples,
                                                        .refusals = refusals,
                                                        .doc = {.formula = "y[i] = x[i] in row-major order",
                                                                .shapes = "any shape with as many elements",
                                                                .gradient = "dx = dy under the shape of x",
                                                                .source = ""}});

Value reshape(const Value& x, const Shape& shape) {
  return x.shape() == shape ? x : x.graph().add(reshape_op, ReshapeOptions{shape}, {x});
}

Value flatten(const Value& x) {
  if (x.shape().rank() < 1) return reshape(x, {1, 1});
  const std::int64_t batch = x.shape()[0];
  std::int64_t rest = 1;
  for (int axis = 1; axis < x.shape().rank(); ++axis) rest *= x.shape()[axis];
  return reshape(x, {batch, rest});
}

}  // namespace gradus
