#include "train/trainer.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "train/health/rules.h"
#include "train/prepare.h"
#include "train/ranks.h"

namespace gradus::train {

namespace {

constexpr double kSmoothing = 0.98;
// Steps left out beyond these say that nothing will come of the run.
constexpr std::int64_t kMostInARow = 20, kMostRollbacks = 10;

double between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

double rate(std::int64_t examples, double seconds) {
  return seconds > 0 ? static_cast<double>(examples) / seconds : 0;
}

}  // namespace

Trainer::Aside::~Aside() {
  const double seconds = between(start_, Clock::now());
  trainer_.aside_ += seconds;
  trainer_.epoch_aside_ += seconds;
}

Trainer::Trainer(const Prepared& run, const Events& events, const std::atomic<bool>* stop, Control* control,
                 Communicator* ranks)
    : run_(run),
      ranks_(several(ranks)),
      shares_state_(share_of(run.config, ranks_).ranks > 1),
      caller_(events),
      listeners_({&caller_}),
      stop_(stop),
      health_(run.config.health_every == 0 ? std::nullopt : std::make_optional<HealthMonitor>(run, ranks_)),
      stepper_(run, health_ ? health_->workspace_bytes() : 0, ranks_),
      evaluator_(run.model, scoring_loss(run.config),
                 {.threads = run.config.threads, .one_thread_each = run.config.shards > 1, .ranks = ranks_}),
      best_(run.model.network.variables()),
      orders_(control),
      started_(Clock::now()),
      epoch_started_(started_) {
  if (health_) health_->open(stepper_);
  if (!run.config.probe.empty()) probe_plan_ = ProbePlan::parse(run.config.probe, "--probe");
  stepper_.before_update(
      [this](std::int64_t step, const data::Batch& batch) { look_before_update(step, batch); });
}

void Trainer::look_before_update(std::int64_t step, const data::Batch& batch) {
  if (looking_) health_->look(stepper_, step, batch);
  if (looking_ && tensorboard_) {
    const Aside aside(*this);
    listeners_.tell(&Listener::gradients, {.step = step, .gradients = health_->gradients()});
  }
  if (!probe_plan_ || !probe_plan_->due(step) || !listeners_.want_probes()) return;
  const Aside aside(*this);
  // The short batch at an epoch's end has a program of its own; full ones share one.
  if (!probe_ || probed_size_ != batch.size) probe_.emplace(run_, stepper_.counter(), batch.size);
  probed_size_ = batch.size;
  listeners_.tell(&Listener::probe, probe_->look(batch, step));
}

void Trainer::resume(const Checkpoint& checkpoint) {
  const std::string where = run_.config.out + ": checkpoint";
  const auto differs = first_difference(parse_config(checkpoint.config, where), run_.config);
  require(
      Fault::model, !differs,
      "{}: it was made with other settings than run.toml has: {} differs. Put run.toml back, or start anew "
      "in another --out.",
      where, differs.value_or(""));
  restore_variables(stepper_.variables(), checkpoint.variables, where);
  if (checkpoint.state.best_step > 0) restore_snapshot(best_, checkpoint.best, where + ", best");
  if (stepper_.good() && checkpoint.state.good_step >= 0) {
    restore_snapshot(stepper_.good()->state, checkpoint.good, where + ", good");
    stepper_.good()->step = checkpoint.state.good_step;
  }
  state_ = checkpoint.state;
  stepper_.schedule().restore(state_.schedule);
  if (state_.lr) stepper_.set_lr(*state_.lr);
  stepper_.start_at(state_.step);
  require(
      Fault::model, state_.place == stepper_.place(),
      "{}: it stands at batch {} of epoch {}, which is not where step {} of this run is. Are the data the "
      "same as before?",
      where, state_.place.batch + 1, state_.place.epoch + 1, state_.step + 1);
  seconds_before_ = state_.seconds;
  resumed_from_ = state_.step;
  epoch_started_ = Clock::now() - std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(state_.epoch_seconds));
}

void Trainer::save_into(const std::filesystem::path& dir) {
  const std::int64_t log_every = log_interval(run_);
  history_.emplace(dir, resumed_from_ > 0 ? std::optional(resumed_from_) : std::nullopt, log_every);
  if (health_ && resumed_from_ > 0) health_->restore(read_health(dir));
  orders_.watch(dir);
  live_.emplace(dir, orders_);
  std::vector<Listener*> listeners = {&*history_, &*live_};
  if (run_.config.tensorboard)
    listeners.push_back(&tensorboard_.emplace(dir, run_.model.network.parameters(), log_every));
  Listeners(listeners).tell(&Listener::start, start_event());
  listeners.push_back(&caller_);
  listeners_ = Listeners(std::move(listeners));
  // A run goes on after the lines of its checkpoint, so they come first.
  saver_.emplace(dir, run_.config, resumed_from_ > 0 ? std::optional(resumed_from_) : std::nullopt,
                 listeners_, [this] { history_->sync(); });
}

bool Trainer::done() const { return state_.step >= stepper_.total_steps() || state_.stopped_early; }

double Trainer::seconds_here() const { return between(started_, Clock::now()) - paused_seconds_; }
double Trainer::seconds() const { return seconds_before_ + seconds_here(); }

void Trainer::obey() {
  std::optional<Order> order = orders_.next();
  if (!order) return;
  const Clock::time_point began = Clock::now();
  while (true) {
    for (; order; order = orders_.next()) take(*order);
    if (!paused_ || told_to_stop()) break;
    orders_.wait();
    order = orders_.next();
  }
  const Clock::duration pause = Clock::now() - began;
  paused_seconds_ += std::chrono::duration<double>(pause).count();
  epoch_started_ += pause;
}

void Trainer::take(const Order& order) {
  switch (order.kind) {
    case Order::pause:
    case Order::go_on: {
      const bool pause = order.kind == Order::pause;
      if (paused_ == pause) return;
      paused_ = pause;
      break;
    }
    case Order::stop:
      ordered_to_stop_ = true;
      break;
    case Order::set_lr:
      stepper_.set_lr(order.lr);
      state_.lr = order.lr;
      break;
  }
  listeners_.tell(&Listener::order, OrderEvent{order, state_.step});
}

std::optional<double> Trainer::accuracy() const {
  if (!stepper_.counts_correct() || state_.epoch_examples == 0) return std::nullopt;
  return static_cast<double>(state_.epoch_correct) /
         static_cast<double>(state_.epoch_examples * stepper_.predictions_per_example());
}

void Trainer::check() {
  if (health_) tell_findings(health_->untold(check_before_training(run_)));
}

void Trainer::tell_findings(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) listeners_.tell(&Listener::finding, finding);
}

StepResult Trainer::take_step() {
  if (ranks_ != nullptr && told_to_stop()) stepper_.ask_to_stop();
  if (ranks_ != nullptr && saver_) stepper_.ask_to_save(saver_->due_by_time());
  looking_ = health_ && health_->due(state_.step);
  if (looking_) stepper_.guard();  // keeps the weights as they are before
  const StepResult done = stepper_.step();
  if (!looking_ || !done.not_finite.empty()) return done;
  const auto smoothed = state_.step > state_.left_out ? std::optional(smoothed_loss()) : std::nullopt;
  listeners_.tell(&Listener::health, health_->complete(stepper_, done, smoothed));
  tell_findings(health_->after_look());
  return done;
}

double Trainer::smoothed_loss() const {
  return state_.average / (1 - std::pow(kSmoothing, static_cast<double>(state_.step - state_.left_out)));
}

void Trainer::add(const StepResult& done) {
  state_.average = kSmoothing * state_.average + (1 - kSmoothing) * done.loss;
  state_.epoch_loss += done.loss * static_cast<double>(done.examples);
  state_.epoch_correct += done.correct;
  state_.epoch_examples += done.examples;
  state_.left_out_in_a_row = 0;
  session_examples_ += done.examples;
  listeners_.tell_step(state_.step, state_.step >= stepper_.total_steps(), [&] { return step_event(done); });
}

void Trainer::leave_out(const StepResult& bad) {
  const std::string& policy = run_.config.on_nan;
  ++state_.left_out;
  ++state_.left_out_in_a_row;
  if (policy == "rollback") {
    ++state_.rollbacks;
    state_.lr = stepper_.base_lr() / 2;
    stepper_.set_lr(*state_.lr);
  }
  listeners_.tell(&Listener::not_finite, NotFiniteEvent{.step = state_.step,
                                                        .cause = bad.not_finite,
                                                        .did = policy,
                                                        .back_to = bad.back_to,
                                                        .lr = stepper_.base_lr()});
  left_out_ = {.step = state_.step - 1, .node = bad.not_finite, .variable = {}};
  const auto require_hope = [&](bool hope, const std::string& what) {
    require(Fault::diverged, hope,
            "train: step {} (epoch {}): all numbers must stay finite, but {}; the last came from {}. Take a "
            "smaller --lr (it is {}), or look at the data.",
            state_.step, (state_.step - 1) / stepper_.steps_per_epoch() + 1, what, bad.not_finite, bad.lr);
  };
  require_hope(state_.left_out_in_a_row < kMostInARow,
               fmt::format("{} steps in a row were left out", kMostInARow));
  require_hope(state_.rollbacks <= kMostRollbacks, fmt::format("{} rollbacks did not help", kMostRollbacks));
  require_hope(!bad.last_of_epoch || state_.epoch_examples > 0, "every step of the epoch was left out");
}

void Trainer::step() {
  const StepResult done = take_step();
  ++state_.step;
  if (done.not_finite.empty())
    add(done);
  else
    leave_out(done);
  const bool epoch_over = done.last_of_epoch || state_.step >= stepper_.total_steps();
  if (epoch_over) end_epoch(done.lr);
  if (!saves()) return;
  const std::int64_t epoch = (state_.step - 1) / stepper_.steps_per_epoch() + 1;
  const bool by_time = ranks_ == nullptr ? saver_->due_by_time() : stepper_.asked_to_save();
  if (stopped() || by_time ||
      Saver::due(run_.config.checkpoint_every, state_.step, epoch_over ? std::optional(epoch) : std::nullopt))
    save_checkpoint();
  if (saver_) saver_->tell();
}

StepEvent Trainer::step_event(const StepResult& done) const {
  StepEvent e;
  e.step = state_.step;
  e.total_steps = stepper_.total_steps();
  e.steps_per_epoch = stepper_.steps_per_epoch();
  e.epoch = (state_.step - 1) / e.steps_per_epoch + 1;
  e.total_epochs = (e.total_steps + e.steps_per_epoch - 1) / e.steps_per_epoch;
  e.step_in_epoch = (state_.step - 1) % e.steps_per_epoch + 1;
  e.loss = done.loss;
  e.smoothed_loss = smoothed_loss();
  e.accuracy = accuracy();
  e.lr = done.lr;
  const double here = seconds_here();
  e.seconds = seconds_before_ + here;
  e.samples_per_s = rate(session_examples_, here - aside_);
  e.eta_seconds = here * static_cast<double>(e.total_steps - state_.step) /
                  static_cast<double>(std::max<std::int64_t>(state_.step - resumed_from_, 1));
  return e;
}

void Trainer::end_epoch(double lr) {
  stepper_.guard();
  EpochEvent e;
  const std::int64_t per_epoch = stepper_.steps_per_epoch();
  e.step = state_.step;
  e.epoch = (state_.step - 1) / per_epoch + 1;
  e.total_epochs = (stepper_.total_steps() + per_epoch - 1) / per_epoch;
  e.lr = lr;
  e.train = {.loss = state_.epoch_loss / static_cast<double>(state_.epoch_examples),
             .accuracy = accuracy(),
             .n = state_.epoch_examples};
  if (run_.parts.val) {
    const Aside aside(*this);
    use_averages();
    e.val = evaluator_.scores(*run_.parts.val);
    e.best = e.val->loss < state_.best_loss;
    if (e.best) best_.take();
    use_averages();
    if (e.best) {
      state_.best_loss = e.val->loss;
      state_.best_step = state_.step;
      state_.best_epoch = e.epoch;
      state_.epochs_without_gain = 0;
    } else {
      ++state_.epochs_without_gain;
    }
    state_.stopped_early = !run_.config.steps && state_.step < stepper_.total_steps() &&
                           state_.epochs_without_gain >= run_.config.patience;
  }
  e.epochs_without_gain = state_.epochs_without_gain;
  stepper_.schedule().observe(e.val ? e.val->loss : e.train.loss);
  const Clock::time_point now = Clock::now();
  e.seconds = between(epoch_started_, now);
  e.samples_per_s = rate(state_.epoch_examples, e.seconds - epoch_aside_);
  epoch_started_ = now;
  epoch_aside_ = 0;
  state_.epoch_loss = 0;
  state_.epoch_correct = state_.epoch_examples = 0;
  {
    const Aside aside(*this);
    listeners_.tell(&Listener::epoch, e);
  }
  if (health_) tell_findings(health_->after_epoch(e));
}

void Trainer::use_averages() {
  if (stepper_.average()) stepper_.average()->exchange();
}

void Trainer::save_checkpoint() {
  if (!shares_state_ && saver_->has(state_.step)) return;
  const Aside aside(*this);
  stepper_.guard();  // what is saved is healthy
  std::vector<Variable> variables = stepper_.variables();
  if (shares_state_) {
    variables = run_.model.network.variables();
    const std::vector<Variable> state = gather_state(run_, stepper_.update(), *ranks_);
    variables.insert(variables.end(), state.begin(), state.end());
    if (!saver_ || saver_->has(state_.step)) return;
  }
  state_.place = stepper_.place();
  state_.seconds = seconds();
  state_.epoch_seconds = between(epoch_started_, Clock::now());
  state_.schedule = stepper_.schedule().state();
  if (stepper_.good()) state_.good_step = stepper_.good()->step;
  saver_->save(state_, variables, best_, stepper_.good() ? &stepper_.good()->state : nullptr);
}

void Trainer::tell_divergence() {
  const Divergence found = stepper_.divergence().value_or(left_out_);
  if (health_) tell_findings(health_->untold({not_finite(found)}));
  listeners_.tell(&Listener::end, {.cause = RunEnd::diverged, .step = found.step, .what = found.cause()});
}

void Trainer::take_steps() {
  try {
    while (!done() && !stopped()) {
      obey();
      if (!stopped()) step();
    }
    if (saves() && !done()) save_checkpoint();
  } catch (const Error& error) {
    if (error.fault() == Fault::diverged) tell_divergence();
    throw;
  }
}

TrainResult Trainer::run() {
  take_steps();
  TrainResult result;
  result.interrupted = !done();
  if (saver_) {
    saver_->finish();
    result.saved_step = saver_->on_disk();
    result.save_fault = saver_->fault();
  }
  if (result.interrupted)
    listeners_.tell(
        &Listener::end,
        {.cause = ordered_to_stop_ ? RunEnd::ordered : RunEnd::interrupted, .step = state_.step, .what = {}});
  if (state_.best_step > 0)
    best_.restore();
  else
    use_averages();
  result.steps = state_.step;
  result.epochs = (state_.step + stepper_.steps_per_epoch() - 1) / stepper_.steps_per_epoch();
  result.seconds = seconds();
  const double here = result.seconds - seconds_before_;
  result.samples_per_s = rate(session_examples_, here - aside_);
  for (const Variable& variable : run_.model.network.parameters())
    result.parameters += variable.type().shape.size();
  if (resumed_from_ > 0) result.resumed_from_step = resumed_from_;
  result.stopped_early = state_.stopped_early;
  if (state_.best_step > 0) result.best_epoch = state_.best_epoch;
  return result;
}

void Trainer::score(TrainResult& result) {
  result.train = evaluator_.scores(run_.parts.train);
  if (run_.parts.val) result.val = evaluator_.scores(*run_.parts.val);
  if (run_.parts.test) result.test = evaluator_.scores(*run_.parts.test);
}

StartEvent Trainer::start_event() const {
  StartEvent e;
  e.config = run_.config;
  const nn::Network& network = run_.model.network;
  e.layers = nn::summary(network);
  for (const Variable& variable : network.parameters()) {
    e.parameters += variable.type().shape.size();
    if (variable.trainable()) e.trainable_parameters += variable.type().shape.size();
  }
  e.train_examples = run_.parts.train.size();
  if (run_.parts.val) e.val_examples = run_.parts.val->size();
  if (run_.parts.test) e.test_examples = run_.parts.test->size();
  e.input = network.input;
  e.output = network.output;
  e.batch_size = batch_size(run_);
  e.steps_per_epoch = stepper_.steps_per_epoch();
  e.total_steps = stepper_.total_steps();
  e.total_epochs = (e.total_steps + e.steps_per_epoch - 1) / e.steps_per_epoch;
  e.flops_per_step = stepper_.flops();
  e.memory_bytes = stepper_.memory_bytes();
  e.resumed_from_step = resumed_from_;
  e.notes = run_.notes;
  return e;
}

StartEvent Trainer::start() const {
  StartEvent event = start_event();
  listeners_.tell(&Listener::start, event);
  return event;
}

}  // namespace gradus::train
