#include "train/programs.h"

#include "gradus/grad.h"
#include "gradus/op_def.h"
#include "train/prepare.h"

namespace gradus::train {

namespace {

int add_output(Graph& graph, const Value& value, const char* name) {
  graph.output(value, name);
  return static_cast<int>(graph.outputs().size()) - 1;
}

BatchInputs make_inputs(Graph& graph, const data::Dataset& data, const data::Augmentation& augmentation,
                        std::int64_t batch, DType dtype) {
  BatchInputs in;
  in.x = input(graph, {dtype, data.x.shape().with(0, batch)}, "x");
  if (data.y.defined()) in.y = input(graph, data::target_type(data, augmentation, dtype, batch), "y");
  if (data.weight.defined()) in.weight = input(graph, {dtype, Shape{batch}}, "weight");
  return in;
}

}  // namespace

BatchInputs training_inputs(Graph& graph, const Prepared& run, std::int64_t batch) {
  return make_inputs(graph, training_part(run), training_augmentation(run.config), batch,
                     run.model.network.dtype);
}

Objective build_objective(Graph& graph, const Prepared& run, const BatchInputs& in, const nn::Pass& pass) {
  const RunConfig& c = run.config;
  Objective o;
  o.output = run.model.network(in.x, pass);
  const Graph::Scope in_loss(graph, "loss");
  o.loss = nn::find_loss(run.model.loss).build(o.output, in.y, in.weight, training_loss(c));
  o.total = o.loss;
  const nn::PenaltyOptions penalty{.decay_all = c.decay_all};
  const std::vector<Variable> parameters = run.model.network.parameters();
  if (c.l1 > 0) o.total = o.total + nn::l1(graph, parameters, c.l1, penalty);
  if (c.l2 > 0) o.total = o.total + nn::l2(graph, parameters, c.l2, penalty);
  return o;
}

Variable make_counter(std::uint64_t seed) {
  Variable counter("counter", {DType::i64, Shape{2}}, Role::control);
  counter.value().values<std::int64_t>()[0] = static_cast<std::int64_t>(seed);
  return counter;
}

StepOutputs build_step(Graph& graph, const Prepared& run, std::int64_t batch, optim::Optimizer& optimizer,
                       const Variable& counter) {
  const RunConfig& c = run.config;
  const nn::Network& network = run.model.network;
  const nn::LossDef& loss_def = nn::find_loss(run.model.loss);
  const BatchInputs in = training_inputs(graph, run, batch);
  const Objective objective = build_objective(graph, run, in, {.training = true, .counter = counter});

  StepOutputs places;
  places.loss = add_output(graph, objective.loss, "loss");
  if (loss_def.correct) {
    const Graph::Scope in_loss(graph, "loss");
    const nn::Correct correct = loss_def.correct(objective.output, in.y);
    places.correct = add_output(graph, correct.count, "correct");
    places.predictions_per_example = correct.per_example;
  }
  Values gradient = gradients(objective.total, network.parameters(), {.unused = GradientOptions::zeros});
  {
    const Graph::Scope in_clipping(graph, "clip");
    if (c.clip_value > 0) gradient = optim::clip_by_value(gradient, c.clip_value);
    if (c.clip_norm > 0) {
      places.gradient_norm = add_output(graph, optim::global_norm(gradient), "gradient_norm");
      gradient = optim::clip_by_global_norm(gradient, c.clip_norm);
    }
  }
  optimizer.apply(gradient);
  return places;
}

ScoreOutputs build_scoring(Graph& graph, const Model& model, const data::Dataset& data, std::int64_t batch,
                           const nn::LossSettings& settings) {
  const BatchInputs in = make_inputs(graph, data, {}, batch, model.network.dtype);
  ScoreOutputs places;
  const Value output = model.network(in.x, {.training = false});
  places.output = add_output(graph, output, "output");
  if (!in.y) return places;
  const nn::LossDef& loss = nn::find_loss(model.loss);
  const Graph::Scope in_loss(graph, "loss");
  places.loss = add_output(graph, loss.build(output, in.y, in.weight, settings), "loss");
  if (loss.correct) {
    const nn::Correct correct = loss.correct(output, in.y);
    places.correct = add_output(graph, correct.count, "correct");
    places.predictions_per_example = correct.per_example;
  }
  return places;
}

StepGraph training_step(const Prepared& run, std::int64_t batch_size) {
  StepGraph step;
  step.optimizer = make_optimizer(run);
  step.counter = make_counter(run.config.seed);
  build_step(step.graph, run, batch_size, *step.optimizer, step.counter);
  return step;
}

std::int64_t contraction_flops(const Graph& graph) {
  std::int64_t flops = 0;
  for (const Node& node : graph.nodes()) {
    if (node.op->kind != OpDef::contraction || !node.op->flops) continue;
    std::vector<Type> types;
    for (const Value& in : node.in) types.push_back(in.type());
    flops += node.op->flops(node.attrs, types);
  }
  return flops;
}

}  // namespace gradus::train
