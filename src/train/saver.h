// When a run saves checkpoints, and what it makes of those that fail.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "train/checkpoint_writer.h"
#include "train/listener.h"

namespace gradus::train {

// Calls come from the thread that trains. A checkpoint that fails is told of as a warning, the first of
// several in a row only; the run goes on, and the next one is tried.
class Saver {
 public:
  // `resumed_from`: the step of the checkpoint on disk that the run goes on from. `before_write` as
  // CheckpointWriter has it.
  Saver(const std::filesystem::path& dir, const RunConfig& config, std::optional<std::int64_t> resumed_from,
        const Listeners& listeners, std::function<void()> before_write);

  // Whether one is due after a step, which is the last of epoch number `epoch_over` (from 1) if it is given;
  // by the clock.
  static bool due(const CheckpointEvery& every, std::int64_t step, std::optional<std::int64_t> epoch_over);
  bool due_by_time() const;
  bool has(std::int64_t step) const { return handed_over_ == step; }
  void save(const RunState& state, const std::vector<Variable>& variables, const Snapshot& best,
            const Snapshot* good);
  void tell();    // what became of them since the last call
  void finish();  // the same, when all were tried

  std::optional<std::int64_t> on_disk() const { return on_disk_; }  // the step of the latest
  const std::string& fault() const { return fault_; }               // of the last attempt; "": it went well

 private:
  using Clock = std::chrono::steady_clock;

  void tell(const CheckpointWriter::Attempt& attempt);

  const CheckpointEvery every_;
  const Listeners& listeners_;
  std::optional<std::int64_t> handed_over_, on_disk_;
  std::string fault_;
  Clock::time_point saved_ = Clock::now();
  CheckpointWriter writer_;
};

}  // namespace gradus::train
