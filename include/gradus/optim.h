// Optimizers as graph builders, gradient clipping, and learning-rate schedules.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gradus/ops.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus::optim {

// ---- Optimizers ---------------------------------------------------------------------------------

// Parameters with settings of their own.
struct Group {
  std::vector<Variable> parameters;
  double lr_scale = 1.0;                    // multiplies the learning rate
  std::optional<double> weight_decay = {};  // instead of the optimizer's
};

// What an optimizer works on: groups, or plain parameters as one group.
class Groups {
 public:
  Groups(std::vector<Group> groups);                   // implicit
  Groups(std::vector<Variable> parameters);            // implicit
  Groups(std::initializer_list<Group> groups);         // implicit
  Groups(std::initializer_list<Variable> parameters);  // implicit
  const std::vector<Group>& list() const { return list_; }

 private:
  std::vector<Group> list_;
};

struct ApplyOptions {
  // 0: off. Else limit_units() of each new weight: of parameters with decays() and at least two axes.
  double max_norm = 0;
};

// Appends parameter updates to the graph that holds the gradients. The formulas are PyTorch's 1.13; below, g
// is the gradient, w the parameter, t the number of the step from 1, wd the weight decay. Only parameters
// with decays() decay, unless decay_all. A parameter's learning rate is lr() times its Variable::lr_scale()
// times its group's lr_scale. Options are refused (Fault::usage) when negative or not finite.
class Optimizer {
 public:
  virtual ~Optimizer();
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  // Takes one gradient per parameter, in the order the parameters were given and of their types; those of
  // parameters that are not trainable() are not used. Once per graph.
  void apply(const Values& gradients, const ApplyOptions& options = {});

  const std::string& kind() const { return kind_; }  // "adam"
  const Variable& lr() const { return lr_; }         // f64 scalar, Role::control: rewritten between steps
  std::vector<Variable> parameters() const;          // all groups', in order
  // What must be saved to go on later, Role::optimizer: "adam.step" (f64 scalar, steps done) where the
  // formula counts steps, and per trainable parameter "adam.m/layers.0.weight".
  const std::vector<Variable>& state() const { return state_; }

 protected:
  struct Settings {
    double lr = 0, weight_decay = 0;
    bool decay_all = false;
  };
  struct Slot {  // a tensor kept for each parameter
    std::string name;
    double start = 0;
  };
  // One parameter's update: next() gives the new w and replaces each slot by its new value.
  struct Update {
    Value w, g;
    Values slots;
    Values scalars;       // from scalars(), in w's dtype
    double weight_decay;  // 0 where w does not decay
  };

  Optimizer(std::string kind, const Groups& groups, const Settings& settings, std::vector<Slot> slots = {},
            bool counts_steps = false);
  // What all parameters of one learning rate share, from lr and t (empty unless steps are counted): f64.
  virtual Values scalars(const Value& lr, const Value& t) const;  // by default lr alone
  virtual Value next(Update& u) const = 0;

 private:
  struct Member {
    Variable variable;
    double lr_scale, weight_decay;
    std::vector<Variable> slots;
  };
  void make_slots(Member& member);

  std::string kind_;
  Settings settings_;
  std::vector<Slot> slots_;
  std::vector<Member> members_;
  Variable lr_, step_;
  std::vector<Variable> state_;
};

// g += wd w; without momentum w -= lr g; with it b = momentum b + g, then w -= lr b, or nesterov:
// w -= lr (g + momentum b) (Sutskever et al. 2013).
struct SgdOptions {
  double lr = 0.01, momentum = 0, weight_decay = 0;
  bool nesterov = false, decay_all = false;
};
class Sgd : public Optimizer {
 public:
  explicit Sgd(const Groups& groups, const SgdOptions& options = {});

 private:
  Value next(Update& u) const override;
  SgdOptions options_;
};

// g += wd w; v = alpha v + (1 - alpha) g^2; w -= lr g / (sqrt(v) + eps) (Tieleman & Hinton 2012).
struct RmsPropOptions {
  double lr = 1e-3, alpha = 0.99, eps = 1e-8, weight_decay = 0;
  bool decay_all = false;
};
class RmsProp : public Optimizer {
 public:
  explicit RmsProp(const Groups& groups, const RmsPropOptions& options = {});

 private:
  Value next(Update& u) const override;
  RmsPropOptions options_;
};

// g += wd w; s += g^2; w -= lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps) (Duchi, Hazan & Singer 2011).
struct AdagradOptions {
  double lr = 0.01, lr_decay = 0, initial_accumulator = 0, eps = 1e-10, weight_decay = 0;
  bool decay_all = false;
};
class Adagrad : public Optimizer {
 public:
  explicit Adagrad(const Groups& groups, const AdagradOptions& options = {});

 private:
  Values scalars(const Value& lr, const Value& t) const override;
  Value next(Update& u) const override;
  AdagradOptions options_;
};

// g += wd w; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
// w -= lr / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + eps) (Kingma & Ba 2015).
struct AdamOptions {
  double lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0;
  bool decay_all = false;
};
class Adam : public Optimizer {
 public:
  explicit Adam(const Groups& groups, const AdamOptions& options = {});

 protected:
  Adam(std::string kind, bool decoupled, const Groups& groups, const AdamOptions& options);

 private:
  Values scalars(const Value& lr, const Value& t) const override;
  Value next(Update& u) const override;
  AdamOptions options_;
  bool decoupled_;
};

// Adam with w -= lr wd w beside the step instead of the g += wd w (Loshchilov & Hutter 2019).
struct AdamWOptions {
  double lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0.01;
  bool decay_all = false;
};
class AdamW : public Adam {
 public:
  explicit AdamW(const Groups& groups, const AdamWOptions& options = {});
};

// ---- Optimizers by name -------------------------------------------------------------------------

// What a run may set; what is left out keeps the optimizer's default, except that nothing decays.
struct NamedOptions {
  std::optional<double> lr = {}, momentum = {}, weight_decay = {};
  bool decay_all = false;
};
struct OptimizerInfo {
  std::string name, description;
  double lr;            // default
  double momentum;      // default; 0 where there is none
  double weight_decay;  // default
  bool takes_momentum;
};
const std::vector<OptimizerInfo>& optimizers();  // sgd nesterov rmsprop adagrad adam adamw
// Fault::usage: unknown names, momentum for an optimizer that takes none, numbers out of range.
const OptimizerInfo& find_optimizer(std::string_view name);
std::unique_ptr<Optimizer> make_optimizer(std::string_view name, const Groups& groups,
                                          const NamedOptions& options = {});

// ---- Clipping -----------------------------------------------------------------------------------

// Each element into [-limit, limit]; limit > 0.
Values clip_by_value(const Values& gradients, double limit);
// sqrt(sum of squares of all elements), an f64 scalar.
Value global_norm(const Values& gradients);
// All gradients times min(1, limit / (global_norm + 1e-6)) (Pascanu, Mikolov & Bengio 2013); limit > 0.
Values clip_by_global_norm(const Values& gradients, double limit);

// ---- Constraints and averages of weights --------------------------------------------------------

// The units of w (all elements of one index of the unit axis: the weights of a dense layer's unit, a
// filter) of Euclidean norm above `limit` scaled down to it (Srivastava et al. 2014); limit > 0.
Value limit_units(const Value& w, double limit, int unit_axis = 0);

// Exponential moving averages of variables, a <- d a + (1 - d) v after each update, of d = min(decay,
// (1 + t) / (10 + t)) in update t = 1, 2, ...: so the first, untrained weights are soon forgotten, and
// averages need no correction. They start as the variables are. Those that are not trainable() stay as they
// are.
class MovingAverage {
 public:
  MovingAverage(const std::vector<Variable>& variables, double decay);  // decay in [0, 1)
  // Appends the averages of what the graph leaves in the variables; after all that is assigned to them.
  void apply(Graph& graph) const;
  // Exchanges the elements of the variables with their averages: between steps, to use the averages; once
  // more to go on.
  void exchange() const;
  // What must be saved, Role::optimizer: "ema.step" (f64 scalar), "ema/layers.0.weight".
  const std::vector<Variable>& state() const { return state_; }

 private:
  double decay_;
  Variable step_;
  std::vector<std::pair<Variable, Variable>> members_;  // variable, average
  std::vector<Variable> state_;
};

// ---- Schedules ----------------------------------------------------------------------------------

// Where a run stands before a step.
struct Progress {
  std::int64_t step = 0;             // steps done
  std::int64_t steps_per_epoch = 1;  // epochs done = step / steps_per_epoch, whole ones
  std::int64_t total_steps = 1;      // of the whole run
};

// The learning rate as a function of progress. From text:
//   constant                        lr
//   step:every=30,factor=0.1        lr factor^floor(epoch / every)               (unit=epoch or unit=step)
//   steps:at=80|120,factor=0.1      lr factor^(how many of the places are behind). Places count from the
//                                   run's start, a warmup included: epochs done (2.5 is in the middle of
//                                   the third), unit=step steps done, unit=share shares of the run, as
//                                   at=0.5|0.75
//   exponential:decay=0.95          lr decay^epoch                               (unit=epoch or unit=step)
//   cosine:min=0                    min + (lr - min) (1 + cos(pi step / total)) / 2, per step, down to the
//                                   run's end (Loshchilov & Hutter 2017)
//   cosine_restarts:period=10,growth=1,min=0
//                                   the same over `period` epochs, then again, each period `growth` times
//                                   as long as the last (same source); per step  (unit=epoch or unit=step)
//   one_cycle:rise=0.3,div=25,final_div=10000
//                                   per step, along cosines: from lr / div up to lr over the first `rise`
//                                   of the run, then down to lr / div / final_div at its last step
//                                   (Smith & Topin 2018, in PyTorch's form; the momentum stays as it is)
//   plateau:factor=0.1,patience=10  lr factor^k, k raised when the watched loss has not fallen by a
//                                   `threshold` share (1e-4) for more than `patience` epochs; never below min
//   warmup:steps=500                lr (step + 1) / steps at first, per step; then lr. Also warmup:epochs=5.
//                                   One of the others may follow: warmup:steps=500+cosine. It counts its
//                                   steps from the warmup's end (but see steps).
// The values shown are the defaults, but every, at, period, and a warmup's steps or epochs must be given.
// Fault::usage for anything else.
class Schedule {
 public:
  Schedule();  // constant
  static Schedule parse(std::string_view text);
  std::string str() const;  // in full, as parse() reads it

  double lr(double base, const Progress& progress) const;
  // plateau: tells the loss it watches, at the end of an epoch. The others ignore it.
  void observe(double loss);
  // What observe() has gathered, for checkpoints.
  std::vector<double> state() const;
  void restore(const std::vector<double>& state);

  struct Curve;  // one of the kinds above
  enum class Unit : std::uint8_t { step, epoch, share };

 private:
  const Curve* curve_;
  std::vector<double> numbers_, places_;
  double warmup_ = 0;
  Unit unit_ = Unit::step, warmup_unit_ = Unit::step;
  double best_, drops_ = 0, bad_epochs_ = 0;
};

}  // namespace gradus::optim
#pragma GCC visibility pop
