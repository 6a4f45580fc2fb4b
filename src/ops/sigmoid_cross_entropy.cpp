// sigmoid_cross_entropy: -t log p - (1 - t) log(1 - p) with p = sigmoid(x), per element.
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

// The same formula without p: nothing overflows, and no logarithm of a rounded-off 0 is taken.
struct SigmoidCrossEntropy {
  template <class T>
  T operator()(const NoOptions&, T x, T t) const {
    return (x > 0 ? x : T(0)) - x * t + std::log1p(std::exp(-std::abs(x)));
  }
};

Types infer(const NoOptions&, std::span<const Type> in) {
  require_float(in[0], "logits");
  require(in[0] == in[1], "logits {} and targets {} must have one type. cast() or reshape() one of them.",
          in[0].str(), in[1].str());
  return in[0];
}

Values vjp(const Node& n, const Value&, const Value& dy) {
  const Value &x = n.in[0], &t = n.in[1];
  return {dy * (sigmoid(x) - t), -dy * x};
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Shape& shape : sample_shapes()) list.push_back({NoOptions{}, {{shape, -6, 6}, {shape, 0, 1}}});
  return list;
}

std::vector<Refusal> refusals() {
  return {
      {NoOptions{},
       {{DType::f32, {4, 1}}, {DType::f32, {4}}},
       "sigmoid_cross_entropy: logits f32[4, 1] and targets f32[4] must have one type. cast() or reshape() "
       "one of them."},
      {NoOptions{},
       {{DType::f32, {4}}, {DType::i64, {4}}},
       "sigmoid_cross_entropy: logits f32[4] and targets i64[4] must have one type. cast() or reshape() one "
       "of them."},
      {NoOptions{},
       {{DType::i32, {4}}, {DType::i32, {4}}},
       "sigmoid_cross_entropy: logits must be f32 or f64, it is i32[4]. cast() it first."}};
}

}  // namespace

extern const OpDef sigmoid_cross_entropy_op =
    define<NoOptions>({.name = "sigmoid_cross_entropy",
                       .inputs = {"logits", "targets"},
                       .kind = OpDef::elementwise,
                       .infer = infer,
                       .vjp = vjp,
                       .reference = map_binary_float<SigmoidCrossEntropy>,
                       .samples = samples,
                       .refusals = refusals,
                       .doc = {.formula = "y = max(x, 0) - x t + ln(1 + e^-|x|), which is "
                                          "-t ln p - (1 - t) ln(1 - p) with p = sigmoid(x)",
                               .shapes = "logits x, targets t and y have one type",
                               .gradient = "dx = (sigmoid(x) - t) dy, dt = -x dy",
                               .source = "Good 1952"}});

Value sigmoid_cross_entropy(const Value& logits, const Value& targets, const LossOptions& options) {
  const Value losses = logits.graph().add(sigmoid_cross_entropy_op, NoOptions{}, {logits, targets});
  return options.reduction == Reduction::none ? losses : mean(losses);
}

}  // namespace gradus
