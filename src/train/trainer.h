// The training loop of one run.
#pragma once

#include <chrono>
#include <optional>

#include "gradus/train.h"
#include "train/checkpoint.h"
#include "train/evaluator.h"
#include "train/health/monitor.h"
#include "train/listener.h"
#include "train/live.h"
#include "train/orders.h"
#include "train/probe.h"
#include "train/run_folder.h"
#include "train/saver.h"
#include "train/stepper.h"
#include "train/tensorboard_log.h"

namespace gradus::train {

class Trainer {
 public:
  Trainer(const Prepared& run, const Events& events, const std::atomic<bool>* stop,
          Control* control = nullptr, Communicator* ranks = nullptr);

  // Goes on from a checkpoint's state.
  void resume(const Checkpoint& checkpoint);
  StartEvent start() const;  // tells what is trained
  void warn(const std::string& text) const { listeners_.tell(&Listener::warning, text); }
  // From now on saves checkpoints and history into a folder that exists.
  void save_into(const std::filesystem::path& dir);

  bool done() const;
  // Tells what is wrong before the first step.
  void check();
  void step();  // one step and what follows it: events, the epoch's end, a checkpoint
  // Steps until done() or stopped; puts the best weights back. Without scores. All checkpoints are on disk.
  TrainResult run();
  // Fills in the scores of all parts.
  void score(TrainResult& result);
  void finish(const TrainResult& result) const { listeners_.tell(&Listener::finish, result); }

 private:
  using Clock = std::chrono::steady_clock;

  void obey();  // takes the orders there are, and waits while one of them is to pause
  void take(const Order& order);
  void add(const StepResult& done);
  void leave_out(const StepResult& bad);
  void end_epoch(double lr);
  // Counts the time it lives as spent aside.
  class Aside {
   public:
    explicit Aside(Trainer& trainer) : trainer_(trainer), start_(Clock::now()) {}
    ~Aside();
    Aside(const Aside&) = delete;
    Aside& operator=(const Aside&) = delete;

   private:
    Trainer& trainer_;
    Clock::time_point start_;
  };

  double smoothed_loss() const;
  StartEvent start_event() const;
  StepEvent step_event(const StepResult& done) const;
  std::optional<double> accuracy() const;
  double seconds_here() const;  // since this process began, pauses left out
  double seconds() const;       // of the whole run
  bool told_to_stop() const {
    return ordered_to_stop_ || (stop_ != nullptr && stop_->load(std::memory_order_relaxed));
  }
  // Ranks stop together, once one of them is told to.
  bool stopped() const { return ranks_ == nullptr ? told_to_stop() : stepper_.asked_to_stop(); }
  // Whether this process takes part in saving checkpoints.
  bool saves() const { return saver_.has_value() || (shares_state_ && !run_.config.out.empty()); }
  void save_checkpoint();
  void look_before_update(std::int64_t step, const data::Batch& batch);
  void take_steps();       // until the end, or until the run is stopped
  StepResult take_step();  // with a look at the network's health where one is due
  void tell_findings(const std::vector<Finding>& findings);
  void tell_divergence();
  void use_averages();  // exchanges the weights with their averages, if the run keeps some

  const Prepared& run_;
  Communicator* ranks_;      // null: this process only
  const bool shares_state_;  // of the optimizer, which is then gathered from all ranks to be saved
  Caller caller_;
  Listeners listeners_;
  const std::atomic<bool>* stop_;
  std::optional<HealthMonitor> health_;  // before the stepper, whose memory it shares
  bool looking_ = false;                 // at the health of this step
  Stepper stepper_;
  Evaluator evaluator_;
  Snapshot best_;  // parameters and statistics of the lowest validation loss
  std::optional<ProbePlan> probe_plan_;
  std::optional<NetworkProbe> probe_;
  std::int64_t probed_size_ = 0;
  RunState state_;
  Divergence left_out_;  // the newest step that on_nan left out
  Orders orders_;
  bool ordered_to_stop_ = false, paused_ = false;
  std::optional<History> history_;
  std::optional<LiveFile> live_;
  std::optional<TensorBoardLog> tensorboard_;
  std::optional<Saver> saver_;  // syncs the history, so it ends before it
  std::int64_t resumed_from_ = 0;
  std::int64_t session_examples_ = 0;   // since this process began
  double seconds_before_ = 0;           // spent by earlier processes
  double aside_ = 0, epoch_aside_ = 0;  // seconds spent on other things than steps, here and in this epoch
  double paused_seconds_ = 0;
  Clock::time_point started_, epoch_started_;
};

}  // namespace gradus::train
