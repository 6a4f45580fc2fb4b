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

Value limit_units(const Value& w, double limit, int unit_axis) {
  require_limit(limit, "limit_units");
  const int rank = w.shape().rank();
  require(rank >= 2, "limit_units: a weight of at least two axes was needed, got {}.", w.type().str());
  require(unit_axis >= 0 && unit_axis < rank, "limit_units: {} has no axis {}.", w.type().str(), unit_axis);
  std::vector<std::int64_t> axes;
  for (int axis = 0; axis < rank; ++axis)
    if (axis != unit_axis) axes.push_back(axis);
  const Value norm = sqrt(sum(square(w), {.axes = axes, .keep_dims = true}));
  // A factor of exactly 1 leaves units within the limit as they are; one of zeros is among them.
  return w * clip(limit / clip(norm, {.low = 1e-30}), {.high = 1.0});
}

}  // namespace gradus::optim
