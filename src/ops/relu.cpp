// relu(x) = max(x, 0), per element.
#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

// NaN passes through: a bad input must not turn into a healthy-looking 0.
struct Relu {
  template <class T>
  T operator()(const NoOptions&, T x) const {
    return x < 0 ? T(0) : x;
  }
};

// The gradient at 0 is 0; y > 0 says the same as x > 0 and lets x's buffer go.
Values vjp(const Node&, const Value& y, const Value& dy) {
  Graph& graph = y.graph();
  const Value zero = scalar(graph, 0, y.dtype());
  return {select(greater(y, zero), dy, zero)};
}

std::vector<std::int64_t> branch(const NoOptions&, std::span<const Tensor> in) {
  std::vector<std::int64_t> side(static_cast<std::size_t>(in[0].size()));
  for (std::size_t i = 0; i < side.size(); ++i) side[i] = in[0].at(static_cast<std::int64_t>(i)) > 0;
  return side;
}

std::vector<Refusal> refusals() {
  return {
      {NoOptions{}, {{DType::i32, {2, 2}}}, "relu: x must be f32 or f64, it is i32[2, 2]. cast() it first."}};
}

}  // namespace

extern const OpDef relu_op =
    define<NoOptions>({.name = "relu",
                       .inputs = {"x"},
                       .kind = OpDef::elementwise,
                       .infer = infer_unary,
                       .vjp = vjp,
                       .reference = map_unary<Relu>,
                       .branch = branch,
                       .samples = [] { return unary_samples(); },
                       .refusals = refusals,
                       .doc = {.formula = "y = max(x, 0)",
                               .shapes = "y has the shape of x",
                               .gradient = "dx = dy where x > 0, else 0 (also at 0)",
                               .source = "Nair & Hinton 2010; Glorot, Bordes & Bengio 2011"}});

Value relu(const Value& x) { return x.graph().add(relu_op, NoOptions{}, {x}); }

}  // namespace gradus
