#include "train/programs.h"

#include "compiler/pass.h"
#include "compiler/rewrite.h"
#include "gradus/grad.h"
#include "gradus/op_def.h"
#include "graph/sources.h"
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

Objective build_objective(Graph& graph, const nn::Network& network, const Prepared& run,
                          const BatchInputs& in, const nn::Pass& pass) {
  const RunConfig& c = run.config;
  Objective o;
  o.output = network(in.x, pass);
  const Graph::Scope in_loss(graph, "loss");
  o.loss = nn::find_loss(run.model.loss).build(o.output, in.y, in.weight, training_loss(c));
  o.total = o.loss;
  const nn::PenaltyOptions penalty{.decay_all = c.decay_all};
  const std::vector<Variable> parameters = network.parameters();
  if (c.l1 > 0) o.total = o.total + nn::l1(graph, parameters, c.l1, penalty);
  if (c.l2 > 0) o.total = o.total + nn::l2(graph, parameters, c.l2, penalty);
  return o;
}

Variable make_counter(std::uint64_t seed) {
  Variable counter("counter", {DType::i64, Shape{2}}, Role::control);
  counter.value().values<std::int64_t>()[0] = static_cast<std::int64_t>(seed);
  return counter;
}

std::vector<Variable> trainable_parameters(const Prepared& run) {
  std::vector<Variable> list;
  for (const Variable& parameter : run.model.network.parameters())
    if (parameter.trainable()) list.push_back(parameter);
  return list;
}

namespace {

// A step up to the gradients of the trainable parameters.
struct Backward {
  StepOutputs places;
  Values gradients;
};

// `weight`, if it is given, multiplies the gradients.
Backward build_backward(Graph& graph, const Prepared& run, const BatchInputs& in, const nn::Pass& pass,
                        const Value& weight = {}) {
  const nn::LossDef& loss_def = nn::find_loss(run.model.loss);
  const Objective objective = build_objective(graph, run.model.network, run, in, pass);
  StepOutputs places;
  places.loss = add_output(graph, objective.loss, "loss");
  if (loss_def.correct) {
    const Graph::Scope in_loss(graph, "loss");
    const nn::Correct correct = loss_def.correct(objective.output, in.y);
    places.correct = add_output(graph, correct.count, "correct");
    places.predictions_per_example = correct.per_example;
  }
  const Value total = weight ? objective.total * weight : objective.total;
  return {places, gradients(total, trainable_parameters(run), {.unused = GradientOptions::zeros})};
}

Backward build_backward(Graph& graph, const Prepared& run, std::int64_t batch, const Variable& counter) {
  return build_backward(graph, run, training_inputs(graph, run, batch),
                        {.training = true, .counter = counter});
}

Value as(const Value& x, DType dtype) { return x.dtype() == dtype ? x : cast(x, dtype); }

}  // namespace

void apply_update(Graph& graph, const Prepared& run, Values gradient, const Update& update) {
  const RunConfig& c = run.config;
  if (!gradient.empty()) {
    const Graph::Scope in_clipping(graph, "clip");
    if (c.clip_value > 0) gradient = optim::clip_by_value(gradient, c.clip_value);
    if (c.clip_norm > 0) {
      graph.output(optim::global_norm(gradient), "gradient_norm");
      gradient = optim::clip_by_global_norm(gradient, c.clip_norm);
    }
  }
  Values own;
  for (const std::size_t i : update.own) own.push_back(gradient[i]);
  update.optimizer->apply(own, {.max_norm = c.max_norm});
  if (update.average) update.average->apply(graph);
}

Graph without_writes(const Graph& graph) {
  return rewrite(graph, [](Graph& target, const Node& node, const Values& in) {
    return has_effect(node) ? Values{in[0]} : copy_node(target, node, in);
  });
}

std::vector<Variable> Update::state() const {
  std::vector<Variable> list = optimizer->state();
  if (average) list.insert(list.end(), average->state().begin(), average->state().end());
  return list;
}

Update make_update(const Prepared& run) { return make_update(run, {}); }

Update make_update(const Prepared& run, const Share& share) {
  const RunConfig& c = run.config;
  Update update;
  const std::vector<Variable> all = trainable_parameters(run);
  const std::vector<int> owner = owners(all, share.ranks);
  std::vector<Variable> parameters;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (owner[i] != share.rank) continue;
    update.own.push_back(i);
    parameters.push_back(all[i]);
  }
  update.optimizer = optim::make_optimizer(
      c.optimizer, parameters,
      {.lr = c.lr, .momentum = c.momentum, .weight_decay = c.weight_decay, .decay_all = c.decay_all});
  if (c.ema > 0) update.average.emplace(run.model.network.variables(), c.ema);
  return update;
}

StepOutputs build_step(Graph& graph, const Prepared& run, std::int64_t batch, const Update& update,
                       const Variable& counter) {
  Backward backward = build_backward(graph, run, batch, counter);
  apply_update(graph, run, std::move(backward.gradients), update);
  return backward.places;
}

GradientSums make_sums(const Prepared& run) {
  GradientSums sums;
  for (const Variable& parameter : trainable_parameters(run))
    sums.sums.emplace_back("sum/" + parameter.name(), parameter.type(), Role::optimizer);
  sums.weight = Variable("weight", {DType::f64, {}}, Role::control);
  sums.scale = Variable("scale", {DType::f64, {}}, Role::control);
  return sums;
}

StepOutputs build_gradients(Graph& graph, const Prepared& run, std::int64_t batch, const GradientSums& sums,
                            const Variable& counter) {
  const Backward backward = build_backward(graph, run, batch, counter);
  const Graph::Scope in_sums(graph, "accumulate");
  const Value weight = as(read(graph, sums.weight), run.model.network.dtype);
  for (std::size_t i = 0; i < sums.sums.size(); ++i)
    assign(sums.sums[i], read(graph, sums.sums[i]) + backward.gradients[i] * weight);
  return backward.places;
}

void build_update(Graph& graph, const Prepared& run, const GradientSums& sums, const Update& update) {
  Values gradient;
  {
    const Graph::Scope in_sums(graph, "accumulate");
    const Value scale = as(read(graph, sums.scale), run.model.network.dtype);
    for (const Variable& sum : sums.sums) gradient.push_back(read(graph, sum) * scale);
  }
  apply_update(graph, run, std::move(gradient), update);
}

std::vector<Variable> moving_statistics(const Prepared& run) {
  std::vector<Variable> list;
  for (const Variable& variable : run.model.network.variables())
    if (variable.role() == Role::statistic && variable.trainable()) list.push_back(variable);
  return list;
}

PartGraph build_part(const Prepared& run, std::int64_t rows) {
  Graph written;
  const BatchInputs in = training_inputs(written, run, rows);
  const Value weight = input(written, {run.model.network.dtype, {}}, "part_weight");
  const Value examples = input(written, {run.model.network.dtype, {}}, "examples");
  const Value numbers = input(written, {DType::i64, Shape{3}}, "numbers");
  const nn::Pass pass{
      .training = true, .numbers = numbers, .examples = run.config.sync_batch_norm ? examples : Value()};
  const Backward backward = build_backward(written, run, in, pass, weight);
  const std::size_t sums = written.outputs().size();
  for (const Value& gradient : backward.gradients) add_output(written, gradient, "gradient");
  for (const Variable& statistic : moving_statistics(run)) {
    Value moved = read(written, statistic);
    for (const Node& node : written.nodes())
      if (has_effect(node) && node.attr<StateOptions>().variable == statistic) moved = node.in[0];
    add_output(written, moved * weight, "statistic");
  }
  return {.graph = without_writes(written), .places = backward.places, .sums = sums};
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
  Update update = make_update(run);
  step.counter = make_counter(run.config.seed);
  build_step(step.graph, run, batch_size, update, step.counter);
  step.optimizer = std::move(update.optimizer);
  step.average = std::move(update.average);
  return step;
}

std::int64_t contraction_flops(const Graph& graph) {
  std::int64_t flops = 0;
  const Graph needed = prune(graph);
  for (const Node& node : needed.nodes()) {
    if (node.op->kind != OpDef::contraction || !node.op->flops) continue;
    std::vector<Type> types;
    for (const Value& in : node.in) types.push_back(in.type());
    flops += node.op->flops(node.attrs, types);
  }
  return flops;
}

}  // namespace gradus::train
