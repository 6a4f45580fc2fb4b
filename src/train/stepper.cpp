#include "train/stepper.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/parallel.h"
#include "tensor/finite.h"
#include "train/prepare.h"
#include "train/whole_batch.h"

namespace gradus::train {

namespace {

// Elements up to which a batch is made faster than another thread hands it over: 60 elements take well under
// a microsecond, waking a thread takes ten and more (measured).
constexpr std::int64_t kSmallBatch = 4096;

// Steps between the states that are kept to find out where numbers went wrong.
constexpr std::int64_t kGuardEvery = 100;

data::LoaderOptions loader_options(const Prepared& run, const Company& company) {
  const std::int64_t size = batch_size(run);
  const data::Augmentation augmentation = training_augmentation(run.config);
  const int threads = run.config.threads > 0 ? static_cast<int>(run.config.threads) : hardware_threads();
  // A batch that holds everything needs no other order, and if it never changes no thread to make the next
  // one. Where every core takes part in a step, a further thread would only stand in its way: the step's own
  // threads make the batch then, in the session's inputs.
  const bool whole = size == run.parts.train.size();
  const bool small = size * run.parts.train.example_shape().size() <= kSmallBatch;
  const int here = company.ranks == nullptr ? 1 : company.ranks->on_this_machine();
  const bool ahead = threads * here < hardware_threads() && !small && (!whole || augmentation.any());
  return {.batch_size = size,
          .shuffle = !whole,
          .seed = run.config.seed,
          .dtype = run.model.network.dtype,
          .augmentation = augmentation,
          .part = company.rank(),
          .parts = company.size(),
          .prefetch = ahead ? 2 : 0,
          .threads = threads};
}

std::unique_ptr<Engine> make_engine(const Prepared& run, const Update& update, const Variable& counter,
                                    std::size_t workspace_bytes, const Company& company) {
  if (company.size() > 1 || run.config.shards > 1)
    return std::make_unique<SplitBatch>(run, update, counter, workspace_bytes, company);
  return std::make_unique<WholeBatch>(run, update, counter, workspace_bytes);
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

Stepper::Stepper(const Prepared& run, std::size_t workspace_bytes, Communicator* ranks)
    : config_(run.config),
      repeats_(ranks == nullptr || ranks->size() == 1),
      guard_every_(leaves_out_ && !repeats_ ? 1 : kGuardEvery),
      update_(make_update(run, share_of(run.config, ranks))),
      schedule_(optim::Schedule::parse(run.config.schedule)),
      base_lr_(run.config.lr.value()),
      counter_(make_counter(run.config.seed)),
      loader_(training_part(run), loader_options(run, {.ranks = ranks})),
      steps_per_epoch_(train::steps_per_epoch(run)),
      total_steps_(train::total_steps(run)),
      ranks_(repeats_ ? nullptr : ranks),
      engine_(make_engine(run, update_, counter_, workspace_bytes, {.ranks = ranks_, .numbers = numbers_})) {
  if (loader_options(run, {.ranks = ranks}).prefetch == 0) engine_->take_from(loader_);
  variables_ = run.model.network.variables();
  const std::vector<Variable> state = update_.state();
  variables_.insert(variables_.end(), state.begin(), state.end());
  guarded_.emplace(variables_);
  if (config_.on_nan == "rollback") good_.emplace(Good{.state = Snapshot(variables_)});
}

std::size_t Stepper::memory_bytes() const {
  std::size_t bytes = engine_->memory_bytes();
  for (const Variable& variable : variables_) bytes += variable.type().bytes();
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
  engine_->begin();
}

const data::Batch& Stepper::next(std::int64_t number) {
  counter_.value().values<std::int64_t>()[1] = step_ * config_.accumulate + number;
  numbers_ = {asks_to_stop_ ? 1.0 : 0.0, asks_to_save_ ? 1.0 : 0.0,
              ranks_ != nullptr && ranks_->rank() == 0 ? base_lr_ : 0.0};
  return loader_.next();
}

// What the ranks said with a batch.
void Stepper::hear() {
  if (ranks_ == nullptr) return;
  asked_to_stop_ = numbers_[0] != 0;
  asked_to_save_ = numbers_[1] != 0;
  if (base_lr_ == numbers_[2]) return;
  base_lr_ = numbers_[2];
  update_.optimizer->lr().value().values<double>()[0] = lr_at(step_);
}

StepResult Stepper::step() {
  if (guarded_step_ < 0 || step_ - guarded_step_ >= guard_every_) guard();
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
  StepResult result;
  double weight = 0;
  for (std::int64_t i = 0, batches = batches_of(step_); i < batches; ++i) {
    const data::Batch& batch = next(i);
    if (before_update_ && i == 0 && !repeating_) before_update_(step_, batch);
    const BatchResult done = engine_->run(batch);
    hear();
    result.loss += done.loss;
    result.correct += done.correct;
    result.examples += done.examples;
    result.last_of_epoch = batch.last_of_epoch;
    weight += done.weight;
  }
  if (weight > 0) result.loss /= weight;
  result.lr = update_.optimizer->lr().value().values<double>()[0];
  engine_->update(weight);
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
  if (!repeats_) return std::nullopt;
  begin_update();
  double weight = 0;
  for (std::int64_t i = 0, batches = batches_of(step_); i < batches; ++i) {
    BatchResult done;
    if (auto where = engine_->run_checked(next(i), done)) return where;
    weight += done.weight;
  }
  if (auto where = engine_->update_checked(weight)) return where;
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
  if (repeats_ && guarded_step_ >= 0 && guarded_step_ < end) {
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
