#include "train/stepper.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "base/parallel.h"
#include "runtime/arena.h"
#include "tensor/finite.h"
#include "train/precision.h"
#include "train/prepare.h"

namespace gradus::train {

namespace {

// Elements up to which a batch is made faster than another thread hands it over: 60 elements take well under
// a microsecond, waking a thread takes ten and more (measured).
constexpr std::int64_t kSmallBatch = 4096;

data::LoaderOptions loader_options(const Prepared& run) {
  const std::int64_t size = batch_size(run);
  const data::Augmentation augmentation = training_augmentation(run.config);
  const int threads = run.config.threads > 0 ? static_cast<int>(run.config.threads) : hardware_threads();
  // A batch that holds everything needs no other order, and if it never changes no thread to make the next
  // one. Where every core takes part in a step, a further thread would only stand in its way: the step's own
  // threads make the batch then, in the session's inputs.
  const bool whole = size == run.parts.train.size();
  const bool small = size * run.parts.train.example_shape().size() <= kSmallBatch;
  const bool ahead = threads < hardware_threads() && !small && (!whole || augmentation.any());
  return {.batch_size = size,
          .shuffle = !whole,
          .seed = run.config.seed,
          .dtype = run.model.network.dtype,
          .augmentation = augmentation,
          .prefetch = ahead ? 2 : 0,
          .threads = threads};
}

data::Batch inputs_of(const Session& session) {
  return {.x = session.input(0),
          .y = session.input(1),
          .weight = session.inputs() > 2 ? session.input(2) : Tensor()};
}

}  // namespace

Snapshot::Snapshot(std::vector<Variable> variables) : variables_(std::move(variables)) {
  for (const Variable& variable : variables_) tensors_.emplace_back(variable.type());
}
void Snapshot::take() {
  for (std::size_t i = 0; i < variables_.size(); ++i) tensors_[i].copy_from(variables_[i].value());
}
void Snapshot::restore() const {
  for (std::size_t i = 0; i < variables_.size(); ++i) variables_[i].set(tensors_[i]);
}

Stepper::Stepper(const Prepared& run, std::size_t workspace_bytes)
    : config_(run.config),
      update_(make_update(run)),
      schedule_(optim::Schedule::parse(run.config.schedule)),
      base_lr_(run.config.lr.value()),
      counter_(make_counter(run.config.seed)),
      loader_(training_part(run), loader_options(run)),
      steps_per_epoch_(train::steps_per_epoch(run)),
      total_steps_(train::total_steps(run)) {
  const std::int64_t full = batch_size(run), rest = run.parts.train.size() % full;
  if (config_.accumulate > 1) sums_ = make_sums(run);
  std::vector<std::shared_ptr<const Program>> programs;
  for (const std::int64_t size : {full, rest}) {
    if (size == 0) continue;
    Graph graph;
    places_ = sums_ ? build_gradients(graph, run, size, *sums_, counter_)
                    : build_step(graph, run, size, update_, counter_);
    // Counted when pruned: the gradient of the input data is not computed.
    const auto count = [&](std::string_view pass, const Graph& pruned) {
      if (pass == "prune" && size == full) flops_ = config_.accumulate * contraction_flops(pruned);
    };
    CompileOptions options = compile_options(config_.precision, config_.threads);
    options.watch = count;
    programs.push_back(compile(graph, options));
  }
  std::shared_ptr<const Program> update;
  if (sums_) {
    Graph graph;
    build_update(graph, run, *sums_, update_);
    update = compile(graph, compile_options(config_.precision, config_.threads));
    workspace_bytes = std::max(workspace_bytes, arena_bytes(*update));
  }
  // That of full batches takes most.
  for (const auto& program : programs) workspace_bytes = std::max(workspace_bytes, arena_bytes(*program));
  workspace_.emplace(make_arena(*programs.front(), workspace_bytes));
  for (const auto& program : programs)
    sessions_.emplace_back(program, SessionOptions{.workspace = workspace_});
  if (update) update_session_.emplace(update, SessionOptions{.workspace = workspace_});
  if (loader_options(run).prefetch == 0)
    loader_.fill(inputs_of(sessions_.front()), inputs_of(sessions_.back()));
  variables_ = run.model.network.variables();
  const std::vector<Variable> state = update_.state();
  variables_.insert(variables_.end(), state.begin(), state.end());
  guarded_.emplace(variables_);
  if (config_.on_nan == "rollback") good_.emplace(Good{.state = Snapshot(variables_)});
}

std::size_t Stepper::memory_bytes() const {
  std::size_t bytes = workspace_->bytes();
  for (const Variable& variable : variables_) bytes += variable.type().bytes();
  if (sums_) {
    for (const Variable& sum : sums_->sums) bytes += sum.type().bytes();
  }
  return bytes;
}

void Stepper::start_at(std::int64_t step) {
  guarded_step_ = -1;
  seek(step);
}

void Stepper::seek(std::int64_t step) {
  step_ = step;
  const Place at = place();
  loader_.seek(at.epoch, at.batch);
}

Place Stepper::place() const {
  return {.epoch = step_ / steps_per_epoch(),
          .batch = step_ % steps_per_epoch() * config_.accumulate,
          .seed = config_.seed,
          .counter = step_ * config_.accumulate};
}

void Stepper::set_lr(double lr) {
  // Looking for where numbers went wrong takes steps again, which must have had this rate.
  if (guarded_step_ >= 0 && guarded_step_ < step_) guard();
  base_lr_ = lr;
}

std::int64_t Stepper::batches_of(std::int64_t step) const {
  const std::int64_t before = step % steps_per_epoch() * config_.accumulate;
  return std::min(config_.accumulate, loader_.batches_per_epoch() - before);
}

double Stepper::lr_at(std::int64_t step) const {
  return schedule_.lr(base_lr_,
                      {.step = step, .steps_per_epoch = steps_per_epoch(), .total_steps = total_steps_});
}

void Stepper::begin_update() {
  update_.optimizer->lr().value().values<double>()[0] = lr_at(step_);
  if (!sums_) return;
  for (const Variable& sum : sums_->sums) std::memset(sum.value().data(), 0, sum.type().bytes());
}

Session& Stepper::feed(std::int64_t number) {
  batch_ = &loader_.next();
  Session& session = batch_->size == loader_.batch_size() ? sessions_.front() : sessions_.back();
  session.feed(0, batch_->x);
  session.feed(1, batch_->y);
  if (batch_->weight.defined()) session.feed(2, batch_->weight);
  counter_.value().values<std::int64_t>()[1] = step_ * config_.accumulate + number;
  if (sums_) sums_->weight.value().values<double>()[0] = batch_weight();
  return session;
}

double Stepper::batch_weight() const {
  if (!batch_->weight.defined()) return static_cast<double>(batch_->size);
  double weight = 0;
  for (std::int64_t i = 0; i < batch_->size; ++i) weight += batch_->weight.at(i);
  return weight;
}

StepResult Stepper::step() {
  if (guarded_step_ < 0 || step_ - guarded_step_ >= kGuardEvery) guard();
  if (good_ && (step_ % kGuardEvery == 0 || good_->step < 0)) {
    good_->state.take();
    good_->step = step_;
  }
  StepResult result = take();
  if (!leaves_out_) {
    if (!std::isfinite(result.loss)) report_divergence("");
    return result;
  }
  return std::isfinite(result.loss) && healthy() ? result : leave_out(std::move(result));
}

StepResult Stepper::leave_out(StepResult bad) {
  const std::int64_t next = step_, step = step_ - 1;
  repeat_until(step);
  guarded_->take();
  bad.not_finite = take_checked().value_or("the loss or a variable");
  bad.back_to = good_ ? good_->step : step;
  (good_ ? good_->state : *guarded_).restore();
  guarded_->take();
  guarded_step_ = next;
  seek(next);
  return bad;
}

void Stepper::repeat_until(std::int64_t step) {
  guarded_->restore();
  seek(guarded_step_);
  repeating_ = true;
  while (step_ < step) take();
  repeating_ = false;
}

StepResult Stepper::take() {
  begin_update();
  StepResult result{.lr = update_.optimizer->lr().value().values<double>()[0]};
  const std::int64_t batches = batches_of(step_);
  double total = 0;
  for (std::int64_t i = 0; i < batches; ++i) {
    Session& session = feed(i);
    if (before_update_ && i == 0 && !repeating_) before_update_(step_, *batch_);
    session.run();
    const double loss = session.output(static_cast<std::size_t>(places_.loss)).at(0);
    const double weight = sums_ ? batch_weight() : 1;
    result.loss += weight * loss;
    total += weight;
    if (places_.correct >= 0)
      result.correct += session.output(static_cast<std::size_t>(places_.correct)).values<std::int64_t>()[0];
    result.examples += batch_->size;
    result.last_of_epoch = batch_->last_of_epoch;
  }
  if (total > 0) result.loss /= total;
  if (sums_) {
    sums_->scale.value().values<double>()[0] = total > 0 ? 1 / total : 0;
    update_session_->run();
  }
  ++step_;
  return result;
}

bool Stepper::healthy() const {
  return std::all_of(variables_.begin(), variables_.end(),
                     [](const Variable& variable) { return all_finite(variable.value()); });
}

void Stepper::guard() {
  if (guarded_step_ == step_) return;
  for (const Variable& variable : variables_) {
    if (!all_finite(variable.value())) report_divergence(variable.name());
  }
  guarded_->take();
  guarded_step_ = step_;
}

std::optional<std::string> Stepper::take_checked() {
  begin_update();
  double total = 0;
  for (std::int64_t i = 0, batches = batches_of(step_); i < batches; ++i) {
    if (auto where = feed(i).run_checked()) return where;
    total += batch_weight();
  }
  if (sums_) {
    sums_->scale.value().values<double>()[0] = total > 0 ? 1 / total : 0;
    if (auto where = update_session_->run_checked()) return where;
  }
  ++step_;
  return std::nullopt;
}

// Goes back to the last healthy variables and takes the same steps again, looking at every result.
void Stepper::report_divergence(const std::string& variable) {
  const std::int64_t end = step_;
  const auto message = [&](Divergence found) {
    divergence_ = std::move(found);
    fail(
        Fault::diverged,
        "train: step {} (epoch {}): all numbers must stay finite, {}. Take a smaller --lr (it is {}), or cut "
        "gradients off with --clip-norm 1.",
        divergence_->step + 1, divergence_->step / steps_per_epoch() + 1, divergence_->cause(),
        update_.optimizer->lr().value().at(0));
  };
  if (guarded_step_ >= 0 && guarded_step_ < end) {
    guarded_->restore();
    seek(guarded_step_);
    while (step_ < end) {
      if (const auto where = take_checked()) message({.step = step_, .node = *where, .variable = {}});
    }
  }
  message({.step = std::max<std::int64_t>(end - 1, 0), .node = {}, .variable = variable});
  check_failed("message() throws", __FILE__, __LINE__);
}

}  // namespace gradus::train
