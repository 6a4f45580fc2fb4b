// sgd: stochastic gradient descent, with momentum and Nesterov's form of it.
#include "gradus/optim.h"
#include "optim/rules.h"

namespace gradus::optim {

Sgd::Sgd(const Groups& groups, const SgdOptions& o)
    : Optimizer("sgd", groups, {o.lr, o.weight_decay, o.decay_all},
                slots_if(o.momentum != 0, std::vector<Slot>{{"momentum"}})),
      options_(o) {
  require_at_least_0("sgd", "momentum", o.momentum);
}

Value Sgd::next(Update& u) const {
  Value step = with_decay(u.g, u.w, u.weight_decay);
  if (options_.momentum != 0) {
    Value& b = u.slots[0];
    b = b * options_.momentum + step;
    step = options_.nesterov ? step + b * options_.momentum : b;
  }
  return u.w - step * u.scalars[0];
}

}  // namespace gradus::optim
