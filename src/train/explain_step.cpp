#include "train/explain_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "gradus/compile.h"
#include "gradus/grad.h"
#include "gradus/op_def.h"
#include "gradus/ops.h"
#include "train/precision.h"
#include "train/prepare.h"

namespace gradus::train {

namespace {

LookedBatch copy_of_next(data::Loader& loader) {
  const data::Batch& batch = loader.next();
  return {.x = batch.x.clone(),
          .y = batch.y.clone(),
          .weight = batch.weight.defined() ? batch.weight.clone() : Tensor(),
          .examples = batch.size};
}

}  // namespace

LookedBatch batch_to_look_at(const Prepared& run, std::optional<std::int64_t> row, std::int64_t step) {
  if (!row) return batch_of_step(run, step);
  const std::int64_t examples = run.parts.train.size();
  require(Fault::usage, *row >= 0 && *row < examples,
          "--row: a row of the training part was needed, 0 to {}, {} was given. Count from 0.", examples - 1,
          *row);
  data::Loader loader(training_part(run),
                      {.batch_size = 1, .shuffle = false, .dtype = run.model.network.dtype, .prefetch = 0});
  loader.seek(0, *row);
  LookedBatch batch = copy_of_next(loader);
  batch.count = step * run.config.accumulate;
  return batch;
}

LookedBatch example_to_look_at(const Prepared& run, const data::Dataset& part, std::int64_t row) {
  require(Fault::usage, row >= 0 && row < part.size(), "row: one from 0 to {} was needed, {} was given.",
          part.size() - 1, row);
  data::Dataset one = part.subset(std::span(&row, 1));
  if (one.kind == data::Kind::classes) one.classes = std::max(one.classes, run.model.network.output.size());
  data::Loader loader(one,
                      {.batch_size = 1, .shuffle = false, .dtype = run.model.network.dtype, .prefetch = 0});
  return copy_of_next(loader);
}

LookedBatch batch_of_step(const Prepared& run, std::int64_t step) {
  const std::int64_t size = batch_size(run);
  data::Loader loader(training_part(run), {.batch_size = size,
                                           .shuffle = size < run.parts.train.size(),
                                           .seed = run.config.seed,
                                           .dtype = run.model.network.dtype,
                                           .augmentation = training_augmentation(run.config),
                                           .prefetch = 0});
  loader.seek(step / steps_per_epoch(run), step % steps_per_epoch(run) * run.config.accumulate);
  LookedBatch batch = copy_of_next(loader);
  batch.count = step * run.config.accumulate;
  return batch;
}

Update update_to_explain(const Prepared& run, const Checkpoint* from) {
  require(Fault::usage, run.config.optimizer != "least_squares",
          "explain: an optimizer that takes steps was needed, least_squares solves for all weights at once. "
          "Take --optimizer sgd.");
  Update update = make_update(run);
  auto schedule = optim::Schedule::parse(run.config.schedule);
  double rate = run.config.lr.value();
  std::int64_t step = 0;
  if (from != nullptr) {
    std::vector<Variable> variables = run.model.network.variables();
    for (const Variable& variable : update.state()) variables.push_back(variable);
    restore_variables(variables, from->variables, run.config.out + ": checkpoint");
    schedule.restore(from->state.schedule);
    rate = from->state.lr.value_or(rate);
    step = from->state.step;
  }
  update.optimizer->lr().value().values<double>()[0] = schedule.lr(
      rate, {.step = step, .steps_per_epoch = steps_per_epoch(run), .total_steps = total_steps(run)});
  return update;
}

LookedStep::LookedStep(const Prepared& run)
    : parameters(run.model.network.parameters()), counter(make_counter(run.config.seed)) {}

LookedStep::LookedStep(const Prepared& run, std::int64_t batch_size) : LookedStep(run) {
  in = training_inputs(graph, run, batch_size);
  build(run, {.training = true, .counter = counter, .watch_as_trained = true});
}

LookedStep::LookedStep(const Prepared& run, const LookedBatch& batch, LookMode mode) : LookedStep(run) {
  in.x = input(graph, batch.x.type(), "x");
  in.y = input(graph, batch.y.type(), "y");
  if (batch.weight.defined()) in.weight = input(graph, batch.weight.type(), "weight");
  counter.value().values<std::int64_t>()[1] = batch.count;
  build(run, {.training = mode == LookMode::training, .counter = counter});
}

void LookedStep::build(const Prepared& run, nn::Pass pass) {
  pass.watch = [&](const nn::Layer& layer, const Value& y) {
    // A chain gives what its last layer gave, and some layers give what they were given.
    const auto same = [&](const LookedLayer& known) { return known.y == y; };
    if (y == in.x || std::any_of(layers.begin(), layers.end(), same)) return;
    layers.push_back({layer.path(), layer.kind(), y, layer.own_parameters()});
  };
  objective = build_objective(graph, run.model.network, run, in, pass);
  Values wanted;
  for (const LookedLayer& layer : layers) wanted.push_back(layer.y);
  for (const Variable& parameter : parameters) wanted.push_back(read(graph, parameter));
  const Values found = gradients(objective.total, wanted, {.unused = GradientOptions::zeros});
  const auto middle = found.begin() + static_cast<std::ptrdiff_t>(layers.size());
  dy.assign(found.begin(), middle);
  dw.assign(middle, found.end());
}

namespace {

void find_reads(const LookedStep& step, const Value& value, std::vector<std::int64_t>& reads,
                std::vector<char>& seen) {
  for (const Value& in : value.node().in) {
    if (std::exchange(seen[static_cast<std::size_t>(in.node_id())], 1)) continue;
    const auto layer = std::find_if(step.layers.begin(), step.layers.end(),
                                    [&](const LookedLayer& known) { return known.y == in; });
    if (layer != step.layers.end())
      reads.push_back(layer - step.layers.begin());
    else if (in == step.in.x)
      reads.push_back(-1);
    else
      find_reads(step, in, reads, seen);
  }
}

}  // namespace

std::vector<std::int64_t> LookedStep::reads_of(const Value& value) const {
  std::vector<std::int64_t> reads;
  std::vector<char> seen(graph.nodes().size(), 0);
  find_reads(*this, value, reads, seen);
  return reads;
}

Session session_of(Graph& graph, const Values& wanted, const Prepared& run, const LookedBatch& batch) {
  for (std::size_t i = 0; i < wanted.size(); ++i) graph.output(wanted[i], fmt::format("shown{}", i));
  Session session(compile(without_writes(graph), compile_options(run.config.precision, run.config.threads)));
  session.feed(0, batch.x);
  session.feed(1, batch.y);
  if (batch.weight.defined()) session.feed(2, batch.weight);
  return session;
}

std::vector<Tensor> values_of(Graph& graph, const Values& wanted, const Prepared& run,
                              const LookedBatch& batch) {
  Session session = session_of(graph, wanted, run, batch);
  session.run();
  return {session.outputs().end() - static_cast<std::ptrdiff_t>(wanted.size()), session.outputs().end()};
}

}  // namespace gradus::train
