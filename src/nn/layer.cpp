// What all layers share: names, scopes, initialization, traversal.
#include <set>

#include "base/check.h"
#include "gradus/nn.h"

namespace gradus::nn {

namespace {

// The last part of a path: scopes join the parts again.
std::string label(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? path : path.substr(dot + 1);
}

}  // namespace

struct Layer::State {
  std::string name;
  Variable variable;
  std::optional<Initializer> init;
};

// Not in the header: every file that makes or holds a layer would compile them again.
Layer::Layer(std::string kind) : kind_(std::move(kind)) {}
Layer::~Layer() = default;
Layer::Layer(const Layer&) = default;
Layer::Layer(Layer&&) noexcept = default;
Layer& Layer::operator=(const Layer&) = default;
Layer& Layer::operator=(Layer&&) noexcept = default;

Value Layer::operator()(const Value& x, const Pass& pass) const {
  require(static_cast<bool>(x), "{}: its input is empty. Call it on a Value of a graph.", title());
  // A layer that only holds others passes its part of the path on to them without its kind.
  std::string scope = label(path_);
  if (children_.empty()) scope = scope.empty() ? kind_ : fmt::format("{} ({})", scope, kind_);
  const Graph::Scope in_layer(x.graph(), scope);
  const Value y = build(x, pass);
  if (pass.watch) pass.watch(*this, y);
  return y;
}

std::string Layer::title() const { return path_.empty() ? kind_ : fmt::format("{} ({})", path_, kind_); }

std::vector<Variable> Layer::own_parameters() const {
  std::vector<Variable> list;
  for (const State& state : states_)
    if (state.variable.role() == Role::parameter) list.push_back(state.variable);
  return list;
}

std::vector<Variable> Layer::parameters() const {
  std::vector<Variable> list = own_parameters();
  for (const LayerPtr& child : children_)
    for (const Variable& variable : child->parameters()) list.push_back(variable);
  return list;
}

std::vector<Variable> Layer::variables() const {
  std::vector<Variable> list;
  for (const State& state : states_) list.push_back(state.variable);
  for (const LayerPtr& child : children_)
    for (const Variable& variable : child->variables()) list.push_back(variable);
  return list;
}

void Layer::initialize(std::uint64_t seed) const {
  std::uint32_t next = 0;
  number(seed, next);
}

// Statistics start where their initializer says and take no number: adding one shifts no other draw.
void Layer::number(std::uint64_t seed, std::uint32_t& next) const {
  for (const State& state : states_) {
    const Initializer preset = rectifier_follows_ ? Initializer::he_uniform() : Initializer::glorot_uniform();
    const bool parameter = state.variable.role() == Role::parameter;
    state.init.value_or(preset).fill(state.variable.value(), seed, parameter ? next++ : 0);
  }
  for (const LayerPtr& child : children_) child->number(seed, next);
}

void Layer::place(const std::string& path) {
  path_ = path;
  const std::string prefix = path.empty() ? "" : path + ".";
  for (const State& state : states_) state.variable.rename(prefix + state.name);
  for (std::size_t i = 0; i < children_.size(); ++i) children_[i]->place(fmt::format("{}{}", prefix, i));
}

Variable Layer::own(std::string name, const Type& type, std::optional<Initializer> init, Role role) {
  const Variable variable(name, type, role);
  states_.push_back({std::move(name), variable, std::move(init)});
  return variable;
}

Variable Layer::own_undecayed(std::string name, const Type& type, const Initializer& init) {
  const Variable variable = own(std::move(name), type, init);
  variable.set_decays(false);
  return variable;
}

void Layer::adopt_chain(std::vector<LayerPtr> chain) {
  std::set<const void*> known;
  for (const Variable& variable : variables()) known.insert(variable.id());
  chains_.push_back(children_.size());
  for (const LayerPtr& layer : chain) {
    GRADUS_CHECK(layer != nullptr);
    for (const Variable& variable : layer->variables()) {
      require(
          known.insert(variable.id()).second,
          "{}: entry {} ({}) shares its variables with an earlier entry. Make a layer of its own for each.",
          kind_, children_.size(), layer->kind());
    }
    children_.push_back(layer);
  }
  follow(rectifier_follows_);
}

std::size_t Layer::first_chain_end() const { return chains_.size() > 1 ? chains_[1] : children_.size(); }

Value Layer::build_chain(const Value& x, const Pass& pass) const {
  Value y = x;
  for (std::size_t i = 0; i < first_chain_end(); ++i) {
    const bool swaps = (!pass.watch || pass.watch_as_trained) && i + 1 < first_chain_end() &&
                       children_[i]->keeps_order() && children_[i + 1]->takes_largest();
    if (swaps) y = (*children_[i + 1])(y, pass);
    y = (*children_[i])(y, pass);
    if (swaps) ++i;
  }
  return y;
}

std::optional<bool> Layer::chain_rectifies() const {
  const std::size_t end = first_chain_end();
  for (std::size_t i = 0; i < end; ++i)
    if (const auto answer = children_[i]->rectifies()) return answer;
  return std::nullopt;
}

void Layer::follow(bool rectifier) {
  rectifier_follows_ = rectifier;
  std::size_t end = children_.size();
  for (std::size_t chain = chains_.size(); chain-- > 0; end = chains_[chain]) {
    bool next = rectifier;
    for (std::size_t i = end; i-- > chains_[chain];) {
      children_[i]->follow(next);
      next = children_[i]->rectifies().value_or(next);
    }
  }
}

}  // namespace gradus::nn
