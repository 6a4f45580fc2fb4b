// adam and adamw: steps from running means of the gradient and of its square, with bias correction.
#include "gradus/optim.h"
#include "optim/rules.h"

namespace gradus::optim {

Adam::Adam(const Groups& groups, const AdamOptions& options) : Adam("adam", false, groups, options) {}

Adam::Adam(std::string kind, bool decoupled, const Groups& groups, const AdamOptions& o)
    : Optimizer(kind, groups, {o.lr, o.weight_decay, o.decay_all}, {{"m"}, {"v"}}, /*counts_steps=*/true),
      options_(o),
      decoupled_(decoupled) {
  require_fraction(kind, "beta1", o.beta1);
  require_fraction(kind, "beta2", o.beta2);
  require_at_least_0(kind, "eps", o.eps);
}

AdamW::AdamW(const Groups& groups, const AdamWOptions& o)
    : Adam("adamw", true, groups,
           {.lr = o.lr,
            .beta1 = o.beta1,
            .beta2 = o.beta2,
            .eps = o.eps,
            .weight_decay = o.weight_decay,
            .decay_all = o.decay_all}) {}

// In double, whatever the parameters are: 1 - beta2^t loses three digits in the first steps.
Values Adam::scalars(const Value& lr, const Value& t) const {
  Graph& graph = lr.graph();
  const auto correction = [&](double beta) { return 1.0 - pow(scalar(graph, beta, DType::f64), t); };
  return {lr, lr / correction(options_.beta1), rsqrt(correction(options_.beta2))};
}

Value Adam::next(Update& u) const {
  const AdamOptions& o = options_;
  const Value &lr = u.scalars[0], &step_size = u.scalars[1], &root_correction = u.scalars[2];
  const Value g = decoupled_ ? u.g : with_decay(u.g, u.w, u.weight_decay);
  Value &m = u.slots[0], &v = u.slots[1];
  m = m * o.beta1 + g * (1 - o.beta1);
  v = v * o.beta2 + square(g) * (1 - o.beta2);
  const Value step = m / (sqrt(v) * root_correction + o.eps) * step_size;
  if (!decoupled_ || u.weight_decay == 0) return u.w - step;
  return u.w - u.w * (lr * u.weight_decay) - step;
}

}  // namespace gradus::optim
