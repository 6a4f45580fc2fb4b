#include "train/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/check.h"
#include "gradus/grad.h"
#include "gradus/ops.h"
#include "train/precision.h"
#include "train/prepare.h"
#include "train/programs.h"

namespace gradus::train {

namespace {

std::vector<double> numbers(const Tensor& tensor) {
  std::vector<double> list(static_cast<std::size_t>(tensor.size()));
  for (std::int64_t i = 0; i < tensor.size(); ++i) list[static_cast<std::size_t>(i)] = tensor.at(i);
  return list;
}

double norm(const Tensor& tensor) {
  double squares = 0;
  for (const double x : numbers(tensor)) squares += x * x;
  return std::sqrt(squares);
}

// The number that a share `p` of the list lies below, interpolated between neighbours.
double percentile(std::vector<double>& list, double p) {
  if (list.empty()) return std::nan("");
  const double at = p * static_cast<double>(list.size() - 1);
  const auto low = static_cast<std::ptrdiff_t>(at);
  std::nth_element(list.begin(), list.begin() + low, list.end());
  const double below = list[static_cast<std::size_t>(low)];
  if (low + 1 == static_cast<std::ptrdiff_t>(list.size())) return below;
  const double above = *std::min_element(list.begin() + low + 1, list.end());
  return below + (at - static_cast<double>(low)) * (above - below);
}

Spread spread(std::vector<double> list) {
  Spread s;
  for (const double x : list) s.mean += x / static_cast<double>(list.size());
  double squares = 0;
  for (const double x : list) squares += (x - s.mean) * (x - s.mean);
  s.std = std::sqrt(squares / static_cast<double>(list.size()));
  s.p15 = percentile(list, 0.15);
  s.p50 = percentile(list, 0.50);
  s.p85 = percentile(list, 0.85);
  return s;
}

// Element 0 of each example's first axis: one unit of a dense layer, one channel of an image.
std::vector<double> first_unit(const Tensor& y) {
  const std::int64_t n = y.shape()[0], per_example = y.size() / std::max<std::int64_t>(n, 1);
  const std::int64_t units = y.shape().rank() > 1 ? y.shape()[1] : 1;
  std::vector<double> list;
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < per_example / std::max<std::int64_t>(units, 1); ++j)
      list.push_back(y.at(i * per_example + j));
  }
  return list;
}

}  // namespace

ProbePlan ProbePlan::parse(std::string_view text, const std::string& where) {
  const auto number = [&](std::string_view part, std::int64_t low) {
    std::int64_t value = 0;
    const auto [end, fault] = std::from_chars(part.data(), part.data() + part.size(), value);
    require(Fault::usage, fault == std::errc() && end == part.data() + part.size() && value >= low,
            "{}: step numbers from 0 or every=N were needed, as in 0,100,1000 or every=50, got '{}'.", where,
            text);
    return value;
  };
  ProbePlan plan;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    const std::string_view part = text.substr(begin, comma - begin);
    constexpr std::string_view kEvery = "every=";
    if (part.starts_with(kEvery)) {
      plan.every_ = number(part.substr(kEvery.size()), 1);
    } else {
      plan.steps_.push_back(number(part, 0));
    }
    begin = comma + 1;
  }
  std::sort(plan.steps_.begin(), plan.steps_.end());
  return plan;
}

bool ProbePlan::due(std::int64_t step) const {
  return (every_ > 0 && step % every_ == 0) || std::binary_search(steps_.begin(), steps_.end(), step);
}

NetworkProbe::NetworkProbe(const Prepared& run, const Variable& counter, std::int64_t batch_size)
    : parameters_(run.model.network.parameters()) {
  Graph graph;
  const BatchInputs in = training_inputs(graph, run, batch_size);
  Values outputs;
  nn::Pass pass{.training = true, .counter = counter};
  pass.watch = [&](const nn::Layer& layer, const Value& y) {
    if (!outputs.empty() && y == outputs.back()) return;  // a chain gives what its last layer gave
    layers_.push_back({.path = layer.path(), .kind = layer.kind()});
    outputs.push_back(y);
  };
  const Objective objective = build_objective(graph, run.model.network, run, in, pass);
  Values wanted = outputs;
  for (const Variable& parameter : parameters_) wanted.push_back(read(graph, parameter));
  const Values found = gradients(objective.total, wanted, {.unused = GradientOptions::zeros});
  const auto add = [&](const Value& value) {
    graph.output(value, fmt::format("probe{}", graph.outputs().size()));
    return graph.outputs().size() - 1;
  };
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    layers_[i].output = add(outputs[i]);
    layers_[i].gradient = add(found[i]);
  }
  for (std::size_t i = outputs.size(); i < found.size(); ++i) gradients_.push_back(add(found[i]));
  session_.emplace(compile(without_writes(graph), compile_options(run.config.precision, run.config.threads)));
}

ProbeEvent NetworkProbe::look(const data::Batch& batch, std::int64_t step) {
  session_->feed(0, batch.x);
  session_->feed(1, batch.y);
  if (batch.weight.defined()) session_->feed(2, batch.weight);
  session_->run();
  ProbeEvent event{.step = step, .layers = {}, .parameters = {}};
  for (const LayerPlaces& layer : layers_) {
    const Tensor &y = session_->output(layer.output), &dy = session_->output(layer.gradient);
    event.layers.push_back({.path = layer.path,
                            .kind = layer.kind,
                            .output = spread(numbers(y)),
                            .unit = spread(first_unit(y)),
                            .gradient = spread(numbers(dy))});
  }
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    event.parameters.push_back({.name = parameters_[i].name(),
                                .norm = norm(parameters_[i].value()),
                                .gradient_norm = norm(session_->output(gradients_[i]))});
  }
  return event;
}

}  // namespace gradus::train
