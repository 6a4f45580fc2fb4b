// A whole run: folder, training, model.
#include <chrono>

#include "base/check.h"
#include "base/file.h"
#include "train/evaluator.h"
#include "train/least_squares.h"
#include "train/prepare.h"
#include "train/ranks.h"
#include "train/run_folder.h"
#include "train/trainer.h"

namespace gradus::train {

namespace {

namespace fs = std::filesystem;

// From now on the folder is a run's. run.toml appears last, by rename: without it there is no run.
void open_folder(const fs::path& dir, const RunConfig& config, bool fresh) {
  make_folder(dir);
  for (const char* part : {".", "checkpoints", "figures"}) sweep_temporaries(dir / part);
  if (fresh) remove_checkpoints(dir);
  write_file(dir / "run.toml", to_toml(config));
}

StartEvent start_of_solving(const Prepared& run) {
  StartEvent e;
  e.config = run.config;
  e.layers = nn::summary(run.model.network);
  for (const Variable& variable : run.model.network.parameters()) {
    e.parameters += variable.type().shape.size();
    if (variable.trainable()) e.trainable_parameters += variable.type().shape.size();
  }
  e.train_examples = e.batch_size = run.parts.train.size();
  if (run.parts.val) e.val_examples = run.parts.val->size();
  if (run.parts.test) e.test_examples = run.parts.test->size();
  e.input = run.model.network.input;
  e.output = run.model.network.output;
  e.steps_per_epoch = e.total_steps = e.total_epochs = 1;
  e.notes = run.notes;
  return e;
}

TrainResult solve(const Prepared& run, const Events& events) {
  const RunConfig& c = run.config;
  const StartEvent start = start_of_solving(run);
  TrainResult result;
  result.parameters = start.parameters;
  result.dry_run = c.dry_run;
  result.out = c.out;
  if (events.start) events.start(start);
  if (c.dry_run) return result;
  std::optional<History> history;
  if (!c.out.empty()) {
    open_folder(c.out, c, true);
    history.emplace(c.out);
    history->start(start);
  }
  const auto began = std::chrono::steady_clock::now();
  solve_least_squares(run);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  result.steps = result.epochs = 1;
  result.samples_per_s =
      result.seconds > 0 ? static_cast<double>(run.parts.train.size()) / result.seconds : 0;
  Evaluator evaluator(run.model, scoring_loss(c), c.threads);
  result.train = evaluator.scores(run.parts.train);
  if (run.parts.val) result.val = evaluator.scores(*run.parts.val);
  if (run.parts.test) result.test = evaluator.scores(*run.parts.test);
  if (!history) return result;
  save_model(c.out, run.model);
  history->finish(result);
  return result;
}

// Where not all of it can be written, the run says what there is to go on from. Fault::output: nothing.
void save_result(const Prepared& run, const TrainResult& result, const Trainer& trainer) {
  const std::string& dir = run.config.out;
  const std::string there = result.saved_step
                                ? fmt::format(
                                      " The checkpoint of step {} is there: make room, and go on with: "
                                      "gradus train --out {} --resume",
                                      *result.saved_step, dir)
                                : "";
  if (result.interrupted && !result.saved_step)
    fail(Fault::output, "{}: nothing could be saved after {} steps: {}", dir, result.steps,
         result.save_fault);
  try {
    save_model(dir, run.model);
  } catch (const Error& error) {
    if (!result.interrupted) throw Error(error.what() + there, error.fault());
    trainer.warn(error.what());
    return;
  }
  if (result.interrupted) return;
  try {
    trainer.finish(result);
  } catch (const Error& error) {
    trainer.warn(fmt::format("the model was saved, but not that the run is finished: {}", error.what()));
  }
}

TrainResult iterate(const Prepared& run, const Events& events, const std::atomic<bool>* stop,
                    Control* control, Communicator* ranks) {
  const RunConfig& c = run.config;
  Trainer trainer(run, events, stop, control, ranks);
  std::vector<Damaged> damaged;
  std::optional<Checkpoint> checkpoint;
  together(ranks, [&] {
    if (c.resume) checkpoint = read_latest_checkpoint(c.out, &damaged);
    if (checkpoint) trainer.resume(*checkpoint);
  });
  require_alike(ranks, run, checkpoint ? checkpoint->state.step : 0);
  const StartEvent start = trainer.start();
  for (const Damaged& file : damaged) trainer.warn("a damaged checkpoint was passed over: " + file.reason);
  TrainResult result;
  if (c.dry_run) {
    result.dry_run = true;
    result.parameters = start.parameters;
    result.out = c.out;
    return result;
  }
  if (!c.out.empty() && leads(ranks)) {
    open_folder(c.out, c, !checkpoint);
    set_aside(damaged);
    trainer.save_into(c.out);
  }
  trainer.check();
  result = trainer.run();
  result.out = c.out;
  if (several(ranks) != nullptr) result.ranks = ranks->size();
  if (!result.interrupted) trainer.score(result);
  if (!c.out.empty() && leads(ranks))
    save_result(run, result, trainer);
  else if (!result.interrupted)
    trainer.finish(result);
  return result;
}

// A run that is ready, or one that was finished before.
struct Start {
  std::optional<Prepared> run;
  std::optional<TrainResult> finished;
};

Start begin(const RunConfig& config, const Communicator* ranks) {
  RunConfig wanted = config;
  if (!config.out.empty()) {
    require_writable(config.out);
    require(Fault::output, !FileLock::held(fs::path(config.out) / "history.jsonl"),
            "{}: another process is training this run. Wait until it ends, or take another --out.",
            config.out);
  }
  Start start;
  if (config.resume && !config.out.empty()) {
    start.finished = finished_result(config.out);
    if (start.finished) return start;
    wanted = resumed_config(config);
  } else if (!config.out.empty()) {
    require_free(config.out);
  }
  if (ranks != nullptr && ranks->size() > 1 && !wanted.given.contains("threads"))
    wanted.threads = threads_of_rank(*ranks);
  start.run = prepare(wanted);
  if (config.resume && fs::exists(fs::path(config.out) / "run.toml"))
    require_same(saved_config(config.out), start.run->config);
  return start;
}

}  // namespace

TrainResult train(const RunConfig& config, const Events& events, const std::atomic<bool>* stop,
                  Control* control, Communicator* ranks) {
  Start start;
  together(ranks, [&] { start = begin(config, ranks); });
  if (start.finished) {
    if (events.note) events.note(config.out + ": this run is finished; nothing was changed");
    if (events.finish) events.finish(*start.finished);
    return *start.finished;
  }
  const Prepared& run = *start.run;
  require_shareable(ranks, run);
  const TrainResult result = run.config.optimizer == "least_squares"
                                 ? solve(run, events)
                                 : iterate(run, events, stop, control, ranks);
  if (result.dry_run) return result;
  if (events.trained) events.trained(run, result);
  if (events.finish) events.finish(result);
  return result;
}

}  // namespace gradus::train
