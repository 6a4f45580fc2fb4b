// Exponential moving averages of the weights.
#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "gradus/optim.h"
#include "graph/sources.h"

namespace gradus::optim {

namespace {

// What the step will leave in `variable`: what is assigned to it, or what it holds.
Value value_after(Graph& graph, const Variable& variable) {
  for (const Node& node : graph.nodes()) {
    const bool writes = node.op->kind == OpDef::state && !node.in.empty();
    if (writes && node.attr<StateOptions>().variable == variable) return node.in[0];
  }
  return read(graph, variable);
}

}  // namespace

MovingAverage::MovingAverage(const std::vector<Variable>& variables, double decay)
    : decay_(decay), step_("ema.step", {DType::f64, {}}, Role::optimizer), state_{step_} {
  require(Fault::usage, decay >= 0 && decay < 1, "moving average: decay must be in [0, 1), got {}.", decay);
  for (const Variable& variable : variables) {
    if (!variable.trainable()) continue;
    const Variable average("ema/" + variable.name(), variable.type(), Role::optimizer);
    average.set(variable.value());
    members_.push_back({variable, average});
    state_.push_back(average);
  }
}

void MovingAverage::apply(Graph& graph) const {
  const Graph::Scope in_average(graph, "ema");
  const Value t = assign(step_, read(graph, step_) + 1.0);
  const Value rate = 1.0 - minimum((t + 1.0) / (t + 10.0), scalar(graph, decay_, DType::f64));
  for (const auto& [variable, average] : members_) {
    const Value a = read(graph, average), v = value_after(graph, variable);
    assign(average, a + (v - a) * (v.dtype() == DType::f64 ? rate : cast(rate, v.dtype())));
  }
}

void MovingAverage::exchange() const {
  for (const auto& [variable, average] : members_) {
    const std::span<std::byte> a(variable.value().data(), variable.type().bytes());
    std::swap_ranges(a.begin(), a.end(), average.value().data());
  }
}

}  // namespace gradus::optim
