// rmsprop: steps divided by a running mean of the gradient's magnitude.
#include "gradus/optim.h"
#include "optim/rules.h"

namespace gradus::optim {

RmsProp::RmsProp(const Groups& groups, const RmsPropOptions& o)
    : Optimizer("rmsprop", groups, {o.lr, o.weight_decay, o.decay_all}, {{"v"}}), options_(o) {
  require_fraction("rmsprop", "alpha", o.alpha);
  require_at_least_0("rmsprop", "eps", o.eps);
}

Value RmsProp::next(Update& u) const {
  const Value g = with_decay(u.g, u.w, u.weight_decay);
  Value& v = u.slots[0];
  v = v * options_.alpha + square(g) * (1 - options_.alpha);
  return u.w - g / (sqrt(v) + options_.eps) * u.scalars[0];
}

}  // namespace gradus::optim
