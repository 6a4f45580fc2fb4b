// random_normal: normally distributed numbers, a function of (seed, step) and the stream.
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/random.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

Types infer(const RandomOptions& op, std::span<const Type> in) {
  require_random(op, in);
  require(is_float(op.dtype), "the numbers must be f32 or f64, not {}.", name(op.dtype));
  require(std::isfinite(op.low) && std::isfinite(op.high) && op.high >= 0,
          "a finite mean (low) and a deviation (high) >= 0 were needed, they are {} and {}.", op.low,
          op.high);
  return Type{op.dtype, op.shape};
}

void reference(const RandomOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const RandomSequence random = random_sequence(op, in[0]);
  const std::uint64_t first = first_number(op, in[0]);
  dispatch_float(op.dtype, [&](auto zero) {
    const auto y = out[0].values<decltype(zero)>();
    for (std::size_t i = 0; i < y.size(); ++i) {
      y[i] = static_cast<decltype(zero)>(op.low + op.high * random.normal(first + i));
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
       {{DType::i32, {2}}},
       "random_normal: counter must be i64[2], (seed, step), or i64[3], (seed, step, row); it is i32[2]."},
      {RandomOptions{{3}, DType::u8},
       {{DType::i64, {2}}},
       "random_normal: the numbers must be f32 or f64, not u8."},
      {RandomOptions{{3}, DType::f32, 0, 1, -2},
       {{DType::i64, {2}}},
       "random_normal: a finite mean (low) and a deviation (high) >= 0 were needed, they are 1 and -2."}};
}

}  // namespace

extern const OpDef random_normal_op = define<RandomOptions>(
    {.name = "random_normal",
     .inputs = {"counter"},
     .kind = OpDef::random,
     .infer = infer,
     .vjp = not_differentiable,
     .reference = reference,
     .samples = samples,
     .refusals = refusals,
     .doc = {.formula = "y = low + high z: low is the mean, high the standard deviation, z standard normal",
             .shapes = "counter i64[2] = (seed, step), or i64[3] = (seed, step, row): rows of y begin with "
                       "that one; y as asked for, f32 or f64",
             .gradient = "none",
             .source = "Philox4x32-10: Salmon et al. 2011; Box & Muller 1958"}});

Value random_normal(const Value& counter, const RandomOptions& options) {
  return counter.graph().add(random_normal_op, options, {counter});
}

}  // namespace gradus
