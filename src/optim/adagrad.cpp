// adagrad: steps divided by the root of the sum of all squared gradients so far.
#include "gradus/optim.h"
#include "optim/rules.h"

namespace gradus::optim {

Adagrad::Adagrad(const Groups& groups, const AdagradOptions& o)
    : Optimizer("adagrad", groups, {o.lr, o.weight_decay, o.decay_all}, {{"s", o.initial_accumulator}},
                /*counts_steps=*/o.lr_decay != 0),
      options_(o) {
  require_at_least_0("adagrad", "lr_decay", o.lr_decay);
  require_at_least_0("adagrad", "initial_accumulator", o.initial_accumulator);
  require_at_least_0("adagrad", "eps", o.eps);
}

Values Adagrad::scalars(const Value& lr, const Value& t) const {
  if (options_.lr_decay == 0) return {lr};
  return {lr / ((t - 1.0) * options_.lr_decay + 1.0)};
}

Value Adagrad::next(Update& u) const {
  const Value g = with_decay(u.g, u.w, u.weight_decay);
  Value& s = u.slots[0];
  s = s + square(g);
  return u.w - g / (sqrt(s) + options_.eps) * u.scalars[0];
}

}  // namespace gradus::optim
