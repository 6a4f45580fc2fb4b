// Clipping of gradients and of weights as graph.
#include <cmath>

#include "base/check.h"
#include "gradus/optim.h"

namespace gradus::optim {

namespace {

void require_limit(double limit, std::string_view where) {
  require(Fault::usage, std::isfinite(limit) && limit > 0, "{}: the limit must be greater than 0, got {}.",
          where, limit);
}

}  // namespace

Values clip_by_value(const Values& gradients, double limit) {
  require_limit(limit, "clip_by_value");
  Values clipped;
  for (const Value& g : gradients) clipped.push_back(clip(g, {.low = -limit, .high = limit}));
  return clipped;
}

Value global_norm(const Values& gradients) {
  require(!gradients.empty(), "global_norm: at least one gradient was needed, got none.");
  Value total;
  for (const Value& g : gradients) {
    const Value part = sum(square(g));
    const Value wide = part.dtype() == DType::f64 ? part : cast(part, DType::f64);
    total = total ? total + wide : wide;
  }
  return sqrt(total);
}

Values clip_by_global_norm(const Values& gradients, double limit) {
  require_limit(limit, "clip_by_global_norm");
  const Value norm = global_norm(gradients);
  const Value factor = clip(limit / (norm + 1e-6), {.high = 1.0});
  Values clipped;
  for (const Value& g : gradients)
    clipped.push_back(g * (g.dtype() == DType::f64 ? factor : cast(factor, g.dtype())));
  return clipped;
}

Value limit_rows(const Value& w, double limit) {
  require_limit(limit, "limit_rows");
  require(w.shape().rank() >= 2, "limit_rows: a weight of at least two axes was needed, got {}.",
          w.type().str());
  std::vector<std::int64_t> axes;
  for (int axis = 1; axis < w.shape().rank(); ++axis) axes.push_back(axis);
  const Value norm = sqrt(sum(square(w), {.axes = axes, .keep_dims = true}));
  // A factor of exactly 1 leaves rows within the limit as they are; a row of zeros is one of them.
  return w * clip(limit / clip(norm, {.low = 1e-30}), {.high = 1.0});
}

}  // namespace gradus::optim
