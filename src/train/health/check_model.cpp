// Mistakes in a model that can be seen before the first step: a loss that does not fit the last layer, and
// parameters that the loss does not depend on.
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "gradus/op_def.h"
#include "train/health/rules.h"
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

// What is wrong with `loss` behind an activation of this kind; "" where nothing is.
std::string mistake(const Prepared& run, const std::string& kind) {
  const std::string& loss = run.model.loss;
  const std::string takes = fmt::format("{} takes logits, any numbers", loss);
  if (loss == "softmax_cross_entropy") {
    if (run.model.network.output.size() == 1) return "softmax of one output is always 1, so its loss is 0";
    if (kind == "softmax") return "softmax is taken twice: by the last layer, and by " + loss;
    if (range_of(kind)) return fmt::format("{}, and {} bounds them", takes, kind);
  }
  if (loss == "sigmoid_cross_entropy") {
    if (kind == "sigmoid") return "the sigmoid is taken twice: by the last layer, and by " + loss;
    if (range_of(kind)) return fmt::format("{}, and {} bounds them", takes, kind);
  }
  const std::optional<Range> range = range_of(kind);
  if (run.model.kind != data::Kind::real || !range) return "";
  const Range targets = targets_of(run.parts.train);
  if (targets.low >= range->low && targets.high <= range->high) return "";
  return fmt::format("{} gives numbers from {} to {}, the targets go from {:.4g} to {:.4g}", kind, range->low,
                     range->high, targets.low, targets.high);
}

}  // namespace

std::optional<Finding> wrong_loss(const Prepared& run) {
  const nn::Layer* last = last_layer(run.model.network);
  if (!last || run.parts.train.size() == 0) return std::nullopt;
  const std::string evidence = mistake(run, last->kind());
  if (evidence.empty()) return std::nullopt;
  const bool one_output = run.model.loss == "softmax_cross_entropy" && run.model.network.output.size() == 1;
  return Finding{.rule = "wrong_loss",
                 .place = last->title(),
                 .evidence = evidence,
                 .remedy = one_output ? "end in one unit for each class, or take --loss sigmoid_cross_entropy"
                                      : fmt::format("leave the last {} out", last->kind())};
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
  return Finding{.rule = "no_gradient",
                 .place = fmt::format("{}", fmt::join(lost, ", ")),
                 .evidence = "the loss does not depend on it by operations that pass gradients",
                 .remedy = "connect it to the output, or leave it out with --freeze"};
}

}  // namespace gradus::train::health
