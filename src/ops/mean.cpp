// mean over axes: a sum times 1 / n.
#include "gradus/ops.h"
#include "ops/support/rules.h"

namespace gradus {

Value mean(const Value& x, const ReduceOptions& options) {
  require(is_float(x.dtype()), "mean: x must be f32 or f64, it is {}. cast() it first.", x.type().str());
  const Value total = sum(x, options);
  std::int64_t n = 1;
  for (const int axis : normalized_axes(options.axes, x.shape())) n *= x.shape()[axis];
  require(n > 0, "mean: x {} has no elements along the axes; there is no mean of nothing.", x.shape().str());
  return total * (1.0 / static_cast<double>(n));
}

}  // namespace gradus
