#include "train/health/facts.h"

#include <algorithm>
#include <cmath>

#include "train/prepare.h"

namespace gradus::train {

namespace {

constexpr std::string_view kPassOn[] = {"flatten", "reshape", "identity", "dropout"};

double entropy_part(double p) { return p > 0 ? -p * std::log(p) : 0; }

// The columns of y [N, ...] as (mean, mean of squares).
std::vector<std::pair<double, double>> columns(const Tensor& y) {
  const std::int64_t n = y.shape()[0], width = n == 0 ? 0 : y.size() / n;
  std::vector<std::pair<double, double>> list(static_cast<std::size_t>(width));
  for (std::int64_t i = 0; i < y.size(); ++i) {
    auto& [mean, square] = list[static_cast<std::size_t>(i % width)];
    const double value = y.at(i);
    mean += value / static_cast<double>(n);
    square += value * value / static_cast<double>(n);
  }
  return list;
}

double class_entropy(const data::Dataset& train) {
  std::vector<double> share(static_cast<std::size_t>(std::max<std::int64_t>(train.classes, 1)));
  for (const std::int64_t label : train.y.values<std::int64_t>())
    share[static_cast<std::size_t>(label)] += 1 / static_cast<double>(train.size());
  double entropy = 0;
  for (const double p : share) entropy += entropy_part(p);
  return entropy;
}

}  // namespace

std::optional<double> chance_loss(const Prepared& run) {
  const RunConfig& c = run.config;
  const data::Dataset& train = run.parts.train;
  const bool plain = c.label_smoothing == 0 && !train.weight.defined() && c.class_weight == "none" &&
                     training_augmentation(c).mixup == 0;
  if (!plain || !train.y.defined() || train.size() == 0) return std::nullopt;
  const std::string& loss = run.model.loss;
  if (train.kind == data::Kind::classes) {
    const bool one_unit = loss == "sigmoid_cross_entropy" && run.model.network.output.size() == 1;
    if (loss == "softmax_cross_entropy" || one_unit) return class_entropy(train);
    return std::nullopt;
  }
  if (loss != "mse" && !(loss == "sigmoid_cross_entropy" && train.kind == data::Kind::multi_label))
    return std::nullopt;
  double total = 0;
  const auto list = columns(train.y);
  for (const auto& [mean, square] : list)
    total += loss == "mse" ? square - mean * mean : entropy_part(mean) + entropy_part(1 - mean);
  return list.empty() ? std::nullopt : std::optional(total / static_cast<double>(list.size()));
}

const nn::Layer* last_layer(const nn::Network& network) {
  const nn::Layer* layer = &network.layers;
  while (layer->kind() == "sequential") {
    const auto& children = layer->children();
    const auto last = std::find_if(children.rbegin(), children.rend(), [](const nn::LayerPtr& child) {
      return std::find(std::begin(kPassOn), std::end(kPassOn), child->kind()) == std::end(kPassOn);
    });
    if (last == children.rend()) return nullptr;
    layer = last->get();
  }
  return layer;
}

HealthFacts health_facts(const Prepared& run) {
  HealthFacts facts;
  facts.loss = run.model.loss;
  facts.batch_size = batch_size(run);
  facts.steps_per_epoch = steps_per_epoch(run);
  for (const Variable& parameter : run.model.network.parameters()) {
    const std::string& name = parameter.name();
    if (!parameter.trainable() || parameter.type().shape.rank() < 2) continue;
    facts.weights.push_back(name);
    facts.weighted.push_back(name.substr(0, name.rfind('.')));
  }
  if (const nn::Layer* last = last_layer(run.model.network)) facts.last = last->path();
  facts.chance_loss = chance_loss(run);
  return facts;
}

}  // namespace gradus::train
