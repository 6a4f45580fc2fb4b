// What the random ops share: a counter of (seed, step), or (seed, step, row), in, numbers out.
#pragma once

#include "base/philox.h"
#include "gradus/ops.h"
#include "ops/support/rules.h"

namespace gradus {

// counter i64[2] or i64[3] -> options.shape; refuses a stream outside [0, 2^31).
void require_random(const RandomOptions& op, std::span<const Type> in);

// The numbers of this op for a counter: same counter and stream, same numbers.
RandomSequence random_sequence(const RandomOptions& op, const Tensor& counter);
// Which of them is the first one of the result: 0, or where rows along the first axis begin with number
// `row`.
std::uint64_t first_number(const RandomOptions& op, const Tensor& counter);

// What random_uniform gives at most: the largest number of the element type below high.
double largest_uniform(const RandomOptions& op);

// The sample shapes in f32 and f64, with the given range and different streams.
std::vector<Sample> random_samples(double low, double high);

}  // namespace gradus
