// all_reduce(x) = the sum over all ranks of their x, on each of them.
#include "gradus/ops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

// One process alone; CompileOptions::ranks has kernels for several.
void reference(const NoOptions&, std::span<const Tensor> in, std::span<const Tensor> out) {
  out[0].copy_from(in[0]);
}

// Every rank's y holds this x once.
Values vjp(const Node&, const Value&, const Value& dy) { return {all_reduce(dy)}; }

std::vector<Refusal> refusals() {
  return {
      {NoOptions{}, {{DType::i64, {3}}}, "all_reduce: x must be f32 or f64, it is i64[3]. cast() it first."}};
}

}  // namespace

extern const OpDef all_reduce_op =
    define<NoOptions>({.name = "all_reduce",
                       .inputs = {"x"},
                       .kind = OpDef::composite,
                       .infer = infer_unary,
                       .vjp = vjp,
                       .reference = reference,
                       .samples = [] { return unary_samples(); },
                       .refusals = refusals,
                       .doc = {.formula = "y = sum over the ranks of their x; x where there is one rank",
                               .shapes = "y has the shape of x, which is the same on all ranks",
                               .gradient = "dx = all_reduce(dy): of the sum of all ranks' losses",
                               .source = ""}});

Value all_reduce(const Value& x) { return x.graph().add(all_reduce_op, NoOptions{}, {x}); }

}  // namespace gradus
