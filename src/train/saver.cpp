#include "train/saver.h"

#include <fmt/core.h>

#include "gradus/error.h"

namespace gradus::train {

Saver::Saver(const std::filesystem::path& dir, const RunConfig& config,
             std::optional<std::int64_t> resumed_from, const Listeners& listeners,
             std::function<void()> before_write)
    : every_(config.checkpoint_every),
      listeners_(listeners),
      handed_over_(resumed_from),
      on_disk_(resumed_from),
      writer_(dir, to_toml(config), std::move(before_write)) {}

bool Saver::due(const CheckpointEvery& every, std::int64_t step, std::optional<std::int64_t> epoch_over) {
  switch (every.unit) {
    case CheckpointEvery::steps:
      return step % every.count == 0;
    case CheckpointEvery::epochs:
      return epoch_over && *epoch_over % every.count == 0;
    case CheckpointEvery::minutes:
      return false;
  }
  return false;
}

bool Saver::due_by_time() const {
  return every_.unit == CheckpointEvery::minutes &&
         Clock::now() - saved_ >= std::chrono::minutes(every_.count);
}

void Saver::save(const RunState& state, const std::vector<Variable>& variables, const Snapshot& best,
                 const Snapshot* good) {
  saved_ = Clock::now();
  handed_over_ = state.step;
  try {
    writer_.hand_over(state, variables, best, good);
  } catch (const Error& error) {  // no memory for the copy
    tell({.step = state.step, .file = {}, .fault = error.what()});
  }
}

void Saver::tell() {
  for (const CheckpointWriter::Attempt& attempt : writer_.take_attempts()) tell(attempt);
}

void Saver::finish() {
  writer_.wait();
  tell();
}

void Saver::tell(const CheckpointWriter::Attempt& attempt) {
  const bool failed_before = !fault_.empty();
  const auto warn = [&](const std::string& text) { listeners_.tell(&Listener::warning, text); };
  fault_ = attempt.fault;
  if (fault_.empty()) {
    on_disk_ = attempt.step;
    listeners_.tell(&Listener::checkpoint, attempt.file);
    if (failed_before) warn("checkpoints can be written again.");
    return;
  }
  handed_over_ = on_disk_;  // the same step may be tried again
  if (failed_before) return;
  warn(fmt::format("the checkpoint of step {} was not saved: {} Training goes on{}.", attempt.step, fault_,
                   on_disk_ ? fmt::format("; that of step {} stands", *on_disk_) : ""));
}

}  // namespace gradus::train
