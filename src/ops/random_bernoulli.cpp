// random_bernoulli: 1 with probability `high`, else 0; a function of (seed, step) and the stream.
#include "gradus/ops.h"
#include "ops/support/random.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

Types infer(const RandomOptions& op, std::span<const Type> in) {
  require_random(op, in);
  require(op.high >= 0 && op.high <= 1, "high, the probability of 1, must be 0 to 1, it is {}.", op.high);
  return Type{op.dtype, op.shape};
}

void reference(const RandomOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const RandomSequence random = random_sequence(op, in[0]);
  const std::uint64_t first = first_number(op, in[0]);
  dispatch(op.dtype, [&](auto zero) {
    const auto y = out[0].values<decltype(zero)>();
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = random.uniform(first + i) < op.high;
  });
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const double p : {0.0, 0.3, 1.0}) {
    for (const Sample& sample : random_samples(0, p)) list.push_back(sample);
  }
  list.push_back({RandomOptions{{33}, DType::boolean, 5, 0, 0.5}, {{{2}, 0, 1000, SampleInput::index}}});
  return list;
}

std::vector<Refusal> refusals() {
  return {
      {RandomOptions{{3}},
       {{DType::i64, {}}},
       "random_bernoulli: counter must be i64[2], (seed, step), or i64[3], (seed, step, row); it is i64[]."},
      {RandomOptions{{3}, DType::f32, 0, 0, 1.2},
       {{DType::i64, {2}}},
       "random_bernoulli: high, the probability of 1, must be 0 to 1, it is 1.2."}};
}

}  // namespace

extern const OpDef random_bernoulli_op = define<RandomOptions>(
    {.name = "random_bernoulli",
     .inputs = {"counter"},
     .kind = OpDef::random,
     .infer = infer,
     .vjp = not_differentiable,
     .reference = reference,
     .samples = samples,
     .refusals = refusals,
     .doc = {.formula = "y = 1 if u < high, else 0, u even in [0, 1); low is not used",
             .shapes = "counter i64[2] = (seed, step), or i64[3] = (seed, step, row): rows of y begin with "
                       "that one; y as asked for, of any element type",
             .gradient = "none",
             .source = "Philox4x32-10: Salmon et al. 2011"}});

Value random_bernoulli(const Value& counter, const RandomOptions& options) {
  return counter.graph().add(random_bernoulli_op, options, {counter});
}

}  // namespace gradus
