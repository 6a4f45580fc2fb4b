// Activations that are compositions of other ops: the graph shows what they are made of.
#include <numbers>

#include "gradus/ops.h"

namespace gradus {

// lambda (x if x > 0, else alpha (exp(x) - 1)), with the constants for which mean 0 and variance 1 are a
// stable fixed point.
Value selu(const Value& x) {
  constexpr double alpha = 1.6732632423543772848170429916717;
  constexpr double lambda = 1.0507009873554804934193349852946;
  return lambda * elu(x, {.alpha = alpha});
}

// Phi(x) = (1 + erf(x / sqrt(2))) / 2, the distribution function of the normal distribution.
Value gelu(const Value& x) { return x * (0.5 + 0.5 * erf(x * (1 / std::numbers::sqrt2))); }

Value silu(const Value& x) { return x * sigmoid(x); }

}  // namespace gradus
