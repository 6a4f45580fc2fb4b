// Losses of a difference y - target: compositions of other ops.
#include "base/check.h"
#include "gradus/ops.h"

namespace gradus {

namespace {

// Broadcasting is refused: [N, 1] against [N] would silently compare every example with every other.
Value difference(std::string_view loss, const Value& y, const Value& target) {
  require(is_float(y.dtype()), "{}: y must be f32 or f64, it is {}. cast() it first.", loss, y.type().str());
  require(y.type() == target.type(),
          "{}: y {} and target {} must have one type. cast() or reshape() one of them.", loss, y.type().str(),
          target.type().str());
  return y - target;
}

Value reduced(const Value& losses, Reduction reduction) {
  return reduction == Reduction::none ? losses : mean(losses);
}

}  // namespace

Value mean_squared_error(const Value& y, const Value& target, const LossOptions& options) {
  return reduced(square(difference("mean_squared_error", y, target)), options.reduction);
}

// The gradient at y = target is 0.
Value mean_absolute_error(const Value& y, const Value& target, const LossOptions& options) {
  return reduced(abs(difference("mean_absolute_error", y, target)), options.reduction);
}

// d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2) (Huber 1964).
Value huber(const Value& y, const Value& target, const HuberOptions& options) {
  require(options.delta > 0, "huber: delta must be positive, it is {}.", options.delta);
  const Value d = difference("huber", y, target);
  const Value size = abs(d);
  const Value near = less_equal(size, scalar(d.graph(), options.delta, d.dtype()));
  const Value losses = select(near, 0.5 * square(d), options.delta * (size - 0.5 * options.delta));
  return reduced(losses, options.reduction);
}

}  // namespace gradus
