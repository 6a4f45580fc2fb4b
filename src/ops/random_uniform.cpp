// random_uniform: numbers evenly spread over [low, high), a function of (seed, step) and the stream.
#include <algorithm>
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/random.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

Types infer(const RandomOptions& op, std::span<const Type> in) {
  require_random(op, in);
  require(is_float(op.dtype), "the numbers must be f32 or f64, not {}.", name(op.dtype));
  require(std::isfinite(op.high - op.low) && op.low < op.high,
          "a range with low < high was needed, low is {} and high is {}.", op.low, op.high);
  return Type{op.dtype, op.shape};
}

// Rounding, to T or in the sum, may reach high: such a number becomes the largest one below it.
void reference(const RandomOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const RandomSequence random = random_sequence(op, in[0]);
  const std::uint64_t first = first_number(op, in[0]);
  dispatch_float(op.dtype, [&](auto zero) {
    using T = decltype(zero);
    const T top = static_cast<T>(largest_uniform(op));
    const auto y = out[0].values<T>();
    for (std::size_t i = 0; i < y.size(); ++i) {
      y[i] = std::min(top, static_cast<T>(op.low + (op.high - op.low) * random.uniform(first + i)));
    }
  });
}

std::vector<Sample> samples() {
  std::vector<Sample> list = random_samples(0, 1);
  for (const Sample& sample : random_samples(-3, 0.5)) list.push_back(sample);
  return list;
}

std::vector<Refusal> refusals() {
  return {
      {RandomOptions{{3}},
       {{DType::i64, {4}}},
       "random_uniform: counter must be i64[2], (seed, step), or i64[3], (seed, step, row); it is i64[4]."},
      {RandomOptions{{3}, DType::i32},
       {{DType::i64, {2}}},
       "random_uniform: the numbers must be f32 or f64, not i32."},
      {RandomOptions{{3}, DType::f32, -1},
       {{DType::i64, {2}}},
       "random_uniform: stream must be 0 to 2^31 - 1, it is -1."},
      {RandomOptions{{3}, DType::f32, 0, 1, 1},
       {{DType::i64, {2}}},
       "random_uniform: a range with low < high was needed, low is 1 and high is 1."}};
}

}  // namespace

extern const OpDef random_uniform_op =
    define<RandomOptions>({.name = "random_uniform",
                           .inputs = {"counter"},
                           .kind = OpDef::random,
                           .infer = infer,
                           .vjp = not_differentiable,
                           .reference = reference,
                           .samples = samples,
                           .refusals = refusals,
                           .doc = {.formula = "y = low + (high - low) u, u in [0, 1) with 53 random bits",
                                   .shapes = "counter i64[2] = (seed, step), or i64[3] = (seed, step, row): "
                                             "rows of y begin with that one; y as asked for, f32 or f64",
                                   .gradient = "none",
                                   .source = "Philox4x32-10: Salmon et al. 2011"}});

Value random_uniform(const Value& counter, const RandomOptions& options) {
  return counter.graph().add(random_uniform_op, options, {counter});
}

}  // namespace gradus
