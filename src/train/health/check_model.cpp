// Mistakes in a model that can be seen before the first step: a loss that does not fit the last layer, and
// parameters that the loss does not depend on.
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "gradus/op_def.h"
#include "train/health/rules.h"
#include "train/health/wording.h"
#include "train/prepare.h"
#include "train/programs.h"

namespace gradus::train::health {

namespace {

struct Range {
  double low = 0, high = 0;
};

Range targets_of(const data::Dataset& data) {
  Range range{.low = data.y.at(0), .high = data.y.at(0)};
  for (std::int64_t i = 1; i < data.y.size(); ++i) {
    range.low = std::min(range.low, data.y.at(i));
    range.high = std::max(range.high, data.y.at(i));
  }
  return range;
}

// What an activation gives at most and least.
std::optional<Range> range_of(const std::string& kind) {
  constexpr double kMany = std::numeric_limits<double>::infinity();
  if (kind == "sigmoid" || kind == "softmax") return Range{0, 1};
  if (kind == "tanh") return Range{-1, 1};
  if (kind == "relu" || kind == "softplus") return Range{0, kMany};
  return std::nullopt;
}

// What is wrong with the loss behind the last layer, of this kind.
std::optional<Finding> mistake(const Prepared& run, const std::string& kind, const std::string& place) {
  const std::string& loss = run.model.loss;
  const bool softmax = loss == "softmax_cross_entropy", sigmoid = loss == "sigmoid_cross_entropy";
  const FindingValues values = {{"loss", loss}, {"kind", kind}};
  if (softmax && run.model.network.output.size() == 1) return finding("wrong_loss.one_output", place, 0, {});
  if ((softmax && kind == "softmax") || (sigmoid && kind == "sigmoid"))
    return finding("wrong_loss.twice", place, 0, values);
  const std::optional<Range> range = range_of(kind);
  if (!range) return std::nullopt;
  if (softmax || sigmoid) return finding("wrong_loss.bounded", place, 0, values);
  if (run.model.kind != data::Kind::real) return std::nullopt;
  const Range targets = targets_of(run.parts.train);
  if (targets.low >= range->low && targets.high <= range->high) return std::nullopt;
  return finding("wrong_loss.range", place, 0,
                 {{"kind", kind},
                  {"low", fmt::format("{}", range->low)},
                  {"high", fmt::format("{}", range->high)},
                  {"targets_low", fmt::format("{:.4g}", targets.low)},
                  {"targets_high", fmt::format("{:.4g}", targets.high)}});
}

}  // namespace

std::optional<Finding> wrong_loss(const Prepared& run) {
  const nn::Layer* last = last_layer(run.model.network);
  if (!last || run.parts.train.size() == 0) return std::nullopt;
  return mistake(run, last->kind(), last->title());
}

// A walk back from the loss over the values that pass gradients.
std::optional<Finding> unreachable_parameters(const Prepared& run) {
  Graph graph;
  const BatchInputs in = training_inputs(graph, run, batch_size(run));
  const Variable counter = make_counter(run.config.seed);
  const Objective objective =
      build_objective(graph, run.model.network, run, in, {.training = true, .counter = counter});
  std::set<int> reached = {objective.loss.node_id()};
  for (auto node = graph.nodes().rbegin(); node != graph.nodes().rend(); ++node) {
    if (!reached.contains(node->id) || !node->op->vjp) continue;
    for (const Value& value : node->in) reached.insert(value.node_id());
  }
  std::vector<std::string> lost;
  for (const Variable& parameter : trainable_parameters(run)) {
    const Value read = graph.find(parameter);
    if (!read || !reached.contains(read.node_id())) lost.push_back(parameter.name());
  }
  if (lost.empty()) return std::nullopt;
  return finding("no_gradient.unreachable", fmt::format("{}", fmt::join(lost, ", ")), 0, {});
}

}  // namespace gradus::train::health
