// Training steps, one after the other, as a pure function of the step's number and the variables.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "gradus/compile.h"
#include "gradus/train.h"
#include "train/circumstances.h"
#include "train/programs.h"
#include "train/split_batch.h"

namespace gradus::train {

struct StepResult {
  double loss = 0, lr = 0;
  std::int64_t correct = 0;
  std::int64_t examples = 0;
  bool last_of_epoch = false;
  // With RunConfig::on_nan skip or rollback, of a step that made a NaN or infinity: where that came from. The
  // variables are then those of step number `back_to`, and the next step is the next one all the same.
  std::string not_finite = {};
  std::int64_t back_to = 0;
};

// Where a step begins. It follows from the step's number as long as data and settings are the same.
struct Place {
  std::int64_t epoch = 0, batch = 0;  // of the sampler, from 0
  std::uint64_t seed = 0;             // of its random numbers
  std::int64_t counter = 0;
  bool operator==(const Place&) const = default;
};

// Copies of variables, in memory.
class Snapshot {
 public:
  explicit Snapshot(std::vector<Variable> variables);
  void take();
  void restore() const;
  const std::vector<Variable>& variables() const { return variables_; }
  const std::vector<Tensor>& tensors() const { return tensors_; }

 private:
  std::vector<Variable> variables_;
  std::vector<Tensor> tensors_;
};

// Runs step number s = 0, 1, ...: batch s of the shuffled epochs, the schedule's learning rate, random
// numbers of counter (seed, s). With `accumulate` K a step takes the next K batches (fewer at an epoch's end)
// for one update, the same as one batch of all their examples would give, but for what sees the batch alone
// (batch normalization); batch k of the step has the counter (seed, s K + k). After construction a step
// allocates nothing.
class Stepper {
 public:
  // `workspace_bytes`: what another session needs of the memory that all programs of the step share. With
  // `ranks`, they all take the same steps, each its part of every batch.
  explicit Stepper(const Prepared& run, std::size_t workspace_bytes = 0, Communicator* ranks = nullptr);

  // Every variable a step reads or writes, controls left out: they follow from the step's number.
  const std::vector<Variable>& variables() const { return variables_; }
  std::int64_t steps_per_epoch() const { return steps_per_epoch_; }
  std::int64_t total_steps() const { return total_steps_; }
  bool counts_correct() const { return engine_->counts_correct(); }
  std::int64_t predictions_per_example() const { return engine_->predictions_per_example(); }
  std::size_t memory_bytes() const;
  // For sessions that run between steps, or where before_update() calls.
  const Workspace& workspace() const { return engine_->workspace(); }
  std::int64_t flops() const { return config_.accumulate * engine_->flops(); }
  optim::Schedule& schedule() { return schedule_; }
  // From the next step on the schedule scales this rate, not RunConfig::lr.
  void set_lr(double lr);
  double base_lr() const { return base_lr_; }
  // Moving averages of the weights, if the run keeps some.
  const std::optional<optim::MovingAverage>& average() const { return update_.average; }

  void start_at(std::int64_t step);  // step() then runs this one, with the variables as they are
  std::int64_t position() const { return step_; }
  Place place() const;  // of that step
  // Called before each update with its number and (first) batch.
  void before_update(std::function<void(std::int64_t step, const data::Batch&)> call) {
    before_update_ = std::move(call);
  }
  const Variable& counter() const { return counter_; }
  const Update& update() const { return update_; }
  double lr_at(std::int64_t step) const;
  // Asks all ranks to stop; whether one of them had asked when the last step was taken.
  void ask_to_stop() { asks_to_stop_ = true; }
  bool asked_to_stop() const { return asked_to_stop_; }
  // The same of a checkpoint after the next step.
  void ask_to_save(bool ask) { asks_to_save_ = ask; }
  bool asked_to_save() const { return asked_to_save_; }
  // Fault::diverged when the loss is not finite: says at which step, and in which node, that began. With
  // on_nan skip or rollback the variables are looked at, too, after every step, and what a bad step did is
  // undone: the state before it is made again from the guarded one.
  StepResult step();
  // The step alone: its loss may be NaN or infinite.
  StepResult take();
  // Refuses as step() does variables that are not finite; and keeps what is needed to find out where that
  // began.
  void guard();
  // The variables as guard() kept them.
  const Snapshot& guarded() const { return *guarded_; }
  // With on_nan rollback: what a bad step goes back to, the state before the last step number that 100
  // divides. It does not depend on where a run was resumed if that is given back.
  struct Good {
    Snapshot state;
    std::int64_t step = -1;  // -1: none yet
  };
  std::optional<Good>& good() { return good_; }
  const std::optional<Good>& good() const { return good_; }
  // Once Fault::diverged was thrown by step() or guard().
  const std::optional<Divergence>& divergence() const { return divergence_; }

 private:
  void seek(std::int64_t step);
  std::int64_t batches_of(std::int64_t step) const;
  void begin_update();
  void hear();
  const data::Batch& next(std::int64_t number);  // the step's next batch, with its random numbers
  bool healthy() const;                          // all variables are finite
  void repeat_until(std::int64_t step);          // from the guarded state
  std::optional<std::string> take_checked();     // a step: the first node that made a NaN or infinity
  StepResult leave_out(StepResult bad);
  [[noreturn]] void report_divergence(const std::string& variable);  // "": the loss is not finite

  const RunConfig config_;
  const bool leaves_out_ = config_.on_nan != "stop";  // bad steps
  // Ranks take no step again: each one's part of it is with the others. They keep every state instead.
  const bool repeats_;
  const std::int64_t guard_every_;  // steps
  Update update_;
  optim::Schedule schedule_;
  double base_lr_;
  Variable counter_;
  data::Loader loader_;
  std::int64_t steps_per_epoch_ = 0, total_steps_ = 0;
  std::int64_t step_ = 0;
  Communicator* ranks_;
  std::array<double, 3>
      numbers_{};  // summed over ranks: requests to stop, to save; the rate, as rank 0 has it
  bool asks_to_stop_ = false, asked_to_stop_ = false;
  bool asks_to_save_ = false, asked_to_save_ = false;
  std::unique_ptr<Engine> engine_;
  std::function<void(std::int64_t, const data::Batch&)> before_update_;
  std::vector<Variable> variables_;
  std::optional<Snapshot> guarded_;
  std::int64_t guarded_step_ = -1;  // -1: nothing was kept yet
  std::optional<Good> good_;
  bool repeating_ = false;  // steps that were told of before
  std::optional<Divergence> divergence_;
};

}  // namespace gradus::train
