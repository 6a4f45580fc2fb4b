// What all optimizers share: their parameters and state, and the update nodes of a step.
#include <cmath>
#include <map>
#include <set>

#include "base/check.h"
#include "gradus/optim.h"
#include "optim/rules.h"

namespace gradus::optim {

void require_fraction(std::string_view kind, std::string_view option, double value) {
  require(Fault::usage, value >= 0 && value < 1, "optimizer '{}': {} must be in [0, 1), got {}.", kind,
          option, value);
}

void require_at_least_0(std::string_view kind, std::string_view option, double value) {
  require(Fault::usage, std::isfinite(value) && value >= 0,
          "optimizer '{}': {} must be a number of at least 0, got {}.", kind, option, value);
}

Groups::Groups(std::vector<Group> groups) : list_(std::move(groups)) {}
Groups::Groups(std::vector<Variable> parameters) : list_{Group{std::move(parameters)}} {}
Groups::Groups(std::initializer_list<Group> groups) : list_(groups) {}
Groups::Groups(std::initializer_list<Variable> parameters) : list_{Group{{parameters}}} {}

Optimizer::Optimizer(std::string kind, const Groups& groups, const Settings& settings,
                     std::vector<Slot> slots, bool counts_steps)
    : kind_(std::move(kind)), settings_(settings), slots_(std::move(slots)) {
  require_at_least_0(kind_, "lr", settings.lr);
  require_at_least_0(kind_, "weight_decay", settings.weight_decay);
  lr_ = Variable("lr", {DType::f64, {}}, Role::control);
  lr_.set(Tensor::scalar(settings.lr, DType::f64));
  if (counts_steps) {
    step_ = Variable(kind_ + ".step", {DType::f64, {}}, Role::optimizer);
    state_.push_back(step_);
  }
  std::set<const void*> known;
  for (const Group& group : groups.list()) {
    require_at_least_0(kind_, "a group's lr_scale", group.lr_scale);
    const double weight_decay = group.weight_decay.value_or(settings.weight_decay);
    require_at_least_0(kind_, "a group's weight_decay", weight_decay);
    for (const Variable& variable : group.parameters) {
      require(known.insert(variable.id()).second,
              "optimizer '{}': parameter '{}' is given twice. Leave it in one group.", kind_,
              variable.name());
      members_.push_back({variable, group.lr_scale, weight_decay, {}});
      if (variable.trainable()) make_slots(members_.back());
    }
  }
}

Optimizer::~Optimizer() = default;

Values Optimizer::scalars(const Value& lr, const Value& /*t*/) const { return {lr}; }

std::vector<Variable> Optimizer::parameters() const {
  std::vector<Variable> list;
  for (const Member& member : members_) list.push_back(member.variable);
  return list;
}

void Optimizer::make_slots(Member& member) {
  for (const Slot& slot : slots_) {
    const std::string name = fmt::format("{}.{}/{}", kind_, slot.name, member.variable.name());
    const Variable variable(name, member.variable.type(), Role::optimizer);
    if (slot.start != 0) variable.value().fill(slot.start);
    member.slots.push_back(variable);
    state_.push_back(variable);
  }
}

void Optimizer::apply(const Values& gradients, const ApplyOptions& options) {
  require_at_least_0(kind_, "max_norm", options.max_norm);
  require(gradients.size() == members_.size(),
          "optimizer '{}': one gradient per parameter was needed, {}, got {}. Give gradients(loss, "
          "parameters()).",
          kind_, members_.size(), gradients.size());
  if (members_.empty()) return;
  Graph& graph = gradients[0].graph();
  const Graph::Scope in_update(graph, kind_);
  const auto as = [](const Value& x, DType dtype) { return x.dtype() == dtype ? x : cast(x, dtype); };

  Value t;
  if (step_.defined()) t = assign(step_, read(graph, step_) + 1.0);
  // Parameters of one learning rate and dtype share their scalars.
  std::map<std::pair<double, DType>, Values> shared;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    Member& member = members_[i];
    const Variable& variable = member.variable;
    if (!variable.trainable()) continue;
    require(gradients[i] && gradients[i].type() == variable.type(),
            "optimizer '{}': gradient {} must be {} for parameter '{}', it is {}.", kind_, i,
            variable.type().str(), variable.name(), gradients[i] ? gradients[i].type().str() : "empty");
    if (member.slots.empty()) make_slots(member);  // frozen until now

    const DType dtype = variable.type().dtype;
    const double scale = member.lr_scale * variable.lr_scale();
    auto [entry, fresh] = shared.try_emplace({scale, dtype});
    if (fresh) {
      const Value lr = read(graph, lr_);
      for (const Value& x : scalars(scale == 1 ? lr : lr * scale, t)) entry->second.push_back(as(x, dtype));
    }
    const bool decays = variable.decays() || settings_.decay_all;
    Update u{.w = read(graph, variable),
             .g = gradients[i],
             .slots = {},
             .scalars = entry->second,
             .weight_decay = decays ? member.weight_decay : 0};
    for (const Variable& slot : member.slots) u.slots.push_back(read(graph, slot));
    Value w = next(u);
    const bool limited = options.max_norm > 0 && variable.decays() && variable.type().shape.rank() >= 2;
    if (limited) w = limit_units(w, options.max_norm, variable.unit_axis());
    for (std::size_t k = 0; k < member.slots.size(); ++k) assign(member.slots[k], u.slots[k]);
    assign(variable, w);
  }
}

}  // namespace gradus::optim
