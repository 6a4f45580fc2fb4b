#include "train/health/look.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "compiler/rewrite.h"
#include "gradus/op_def.h"
#include "gradus/ops.h"
#include "train/explain_step.h"
#include "train/precision.h"

namespace gradus::train {

namespace {

// (2 sigmoid - 1)^2 and tanh^2 above this: the slope, 1 - y^2 of its largest, is below 4 %.
constexpr double kSaturatedSquare = 0.96;

// The sum for each unit: over all axes but the second. Of one axis: a single sum.
Value unit_sums(const Value& x) {
  std::vector<std::int64_t> axes;
  for (int axis = 0; axis < x.shape().rank(); ++axis)
    if (axis != 1) axes.push_back(axis);
  return sum(x, {.axes = axes});
}

Value saturated(const Value& y, const std::string& kind) {
  const Value centred = kind == "sigmoid" ? y * 2.0 - 1.0 : y;
  const Value limit = scalar(y.graph(), kSaturatedSquare, y.dtype());
  return cast(greater(square(centred), limit), y.dtype());
}

// The nodes from number `from` on, sums, each as early as its inputs allow: what it adds up need not be kept
// for it until the end.
Graph with_early_sums(const Graph& graph, std::size_t from) {
  std::vector<std::size_t> place(graph.nodes().size()), order(graph.nodes().size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::iota(place.begin(), place.end(), std::size_t{0});
  for (std::size_t i = from; i < place.size(); ++i) {
    const Values& in = graph.node(static_cast<int>(i)).in;
    if (!in.empty()) place[i] = 0;
    for (const Value& value : in)
      place[i] = std::max(place[i], place[static_cast<std::size_t>(value.node_id())]);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return place[a] < place[b]; });
  Graph target;
  std::vector<Values> made(order.size());
  const auto at = [&](const Value& value) {
    return made[static_cast<std::size_t>(value.node_id())][static_cast<std::size_t>(value.output())];
  };
  for (const std::size_t i : order) {
    const Node& node = graph.node(static_cast<int>(i));
    Values in;
    for (const Value& value : node.in) in.push_back(at(value));
    made[i] = copy_node(target, node, in);
  }
  for (const auto& [name, value] : graph.outputs()) target.output(at(value), name);
  return target;
}

double total(const Tensor& tensor) {
  double sum = 0;
  for (std::int64_t i = 0; i < tensor.size(); ++i) sum += tensor.at(i);
  return sum;
}

double share_of_zeros(const Tensor& tensor) {
  std::int64_t zeros = 0;
  for (std::int64_t i = 0; i < tensor.size(); ++i) zeros += tensor.at(i) == 0;
  return static_cast<double>(zeros) / static_cast<double>(std::max<std::int64_t>(tensor.size(), 1));
}

}  // namespace

HealthLook::HealthLook(const Prepared& run, std::int64_t batch_size) {
  LookedStep step(run, batch_size);
  counter_ = step.counter;
  Graph& graph = step.graph;
  const std::size_t built = graph.nodes().size();
  const auto add = [&](const Value& value) {
    graph.output(value, fmt::format("health{}", graph.outputs().size()));
    return graph.outputs().size() - 1;
  };
  loss_ = add(step.objective.loss);
  for (std::size_t i = 0; i < step.layers.size(); ++i) {
    const LookedLayer& layer = step.layers[i];
    if (layer.y.node().op->kind == OpDef::view) continue;  // the same numbers as the layer before
    const Graph::Path in_layer(graph, layer.path);
    layers_.push_back({.path = layer.path,
                       .kind = layer.kind,
                       .elements = layer.y.shape().size(),
                       .sum = add(unit_sums(layer.y)),
                       .squares = add(unit_sums(square(layer.y))),
                       .gradient = add(unit_sums(square(step.dy[i]))),
                       .saturated = {}});
    if (layer.kind == "sigmoid" || layer.kind == "tanh")
      layers_.back().saturated = add(unit_sums(saturated(layer.y, layer.kind)));
  }
  for (std::size_t i = 0; i < step.parameters.size(); ++i) {
    if (!step.parameters[i].trainable()) continue;
    parameters_.push_back(step.parameters[i]);
    squares_.push_back(add(sum(square(step.dw[i]))));
    if (run.config.tensorboard) gradients_.push_back(add(step.dw[i]));
  }
  program_ = compile(without_writes(with_early_sums(graph, built)),
                     compile_options(run.config.precision, run.config.threads));
}

void HealthLook::open(const Workspace& workspace) {
  session_.emplace(program_, SessionOptions{.workspace = workspace});
}

LayerHealth HealthLook::layer_health(const LayerPlaces& layer) const {
  const Tensor& sums = session_->output(layer.sum);
  const auto n = static_cast<double>(std::max<std::int64_t>(layer.elements, 1));
  const double squares = total(session_->output(layer.squares)) / n;
  LayerHealth h{.path = layer.path, .kind = layer.kind, .dead = {}, .saturated = {}};
  h.units = sums.size();
  h.mean = total(sums) / n;
  h.std = std::sqrt(std::max(squares - h.mean * h.mean, 0.0));
  if (!std::isfinite(squares)) h.std = squares;
  h.gradient_norm = std::sqrt(total(session_->output(layer.gradient)));
  h.finite = std::isfinite(h.mean) && std::isfinite(h.gradient_norm);
  if (layer.kind == "relu") h.dead = share_of_zeros(sums);  // nothing in its output is below 0
  if (layer.saturated) h.saturated = total(session_->output(*layer.saturated)) / n;
  return h;
}

HealthEvent HealthLook::look(const data::Batch& batch, const Tensor& counter) {
  session_->feed(0, batch.x);
  session_->feed(1, batch.y);
  if (batch.weight.defined()) session_->feed(2, batch.weight);
  counter_.set(counter);
  session_->run();
  HealthEvent event;
  event.loss = session_->output(loss_).at(0);
  for (const LayerPlaces& layer : layers_) event.layers.push_back(layer_health(layer));
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    event.parameters.push_back(
        {.name = parameters_[i].name(), .gradient_norm = std::sqrt(session_->output(squares_[i]).at(0))});
  }
  return event;
}

std::vector<std::pair<std::string, Tensor>> HealthLook::gradients() const {
  std::vector<std::pair<std::string, Tensor>> found;
  for (std::size_t i = 0; i < gradients_.size(); ++i)
    found.emplace_back(parameters_[i].name(), session_->output(gradients_[i]));
  return found;
}

}  // namespace gradus::train
