// broadcast_to: repeats x along new axes and axes of extent 1.
#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct BroadcastOptions {
  Shape shape;
  static void fields(auto& self, auto&& visit) { visit("shape", self.shape); }
};

Types infer(const BroadcastOptions& op, std::span<const Type> in) {
  require(broadcasts_to(in[0].shape, op.shape),
          "x {} does not stretch to {}: aligned at the last axis, each extent "
          "must be equal or 1.",
          in[0].shape.str(), op.shape.str());
  return Type{in[0].dtype, op.shape};
}

Values vjp(const Node& n, const Value&, const Value& dy) { return {sum_to(dy, n.in[0].shape())}; }

void reference(const BroadcastOptions&, std::span<const Tensor> in, std::span<const Tensor> out) {
  dispatch(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto x = in[0].values<const T>();
    const auto y = out[0].values<T>();
    walk(out[0].shape(), std::array<Strides, 1>{broadcast_strides(in[0].shape(), out[0].shape())},
         [&](std::int64_t i, const auto& at) {
           y[static_cast<std::size_t>(i)] = x[static_cast<std::size_t>(at[0])];
         });
  });
}

std::optional<Reordered> reorder(const Node& n, std::span<const int> order) {
  const Shape& shape = n.attr<BroadcastOptions>().shape;
  if (shape.rank() != static_cast<int>(order.size())) return std::nullopt;
  std::vector<std::int64_t> extents;
  for (const int axis : order) extents.push_back(shape[axis]);
  return Reordered{BroadcastOptions{Shape(extents)}, {true}, {true}};
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const auto& [a, b] : sample_pairs()) {
    list.push_back({BroadcastOptions{broadcast(a, b)}, {{a}}});
    list.push_back({BroadcastOptions{broadcast(a, b)}, {{b}}});
  }
  return list;
}

std::vector<Refusal> refusals() {
  return {{BroadcastOptions{{4, 2}},
           {{DType::f32, {4}}},
           "broadcast_to: x [4] does not stretch to [4, 2]: aligned at the last axis, each extent must be "
           "equal or 1."}};
}

}  // namespace

extern const OpDef broadcast_to_op =
    define<BroadcastOptions>({.name = "broadcast_to",
                              .inputs = {"x"},
                              .kind = OpDef::movement,
                              .infer = infer,
                              .vjp = vjp,
                              .reference = reference,
                              .stretches = true,
                              .reordered = reorder,
                              .samples = samples,
                              .refusals = refusals,
                              .doc = {.formula = "y[..., i, j] = x[..., i or 0, j or 0]",
                                      .shapes = "any shape that x broadcasts to",
                                      .gradient = "dx = dy summed over the stretched axes",
                                      .source = "NumPy broadcasting rules"}});

Value broadcast_to(const Value& x, const Shape& shape) {
  return x.shape() == shape ? x : x.graph().add(broadcast_to_op, BroadcastOptions{shape}, {x});
}

}  // namespace gradus
