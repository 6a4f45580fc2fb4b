// Checkpoints written beside training: the thread that trains copies memory and goes on.
#pragma once

#include <condition_variable>
#include <exception>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "train/checkpoint.h"
#include "train/stepper.h"

namespace gradus::train {

// One thread that serializes, writes, syncs, renames, and removes old checkpoints. At most one checkpoint is
// written and one waits; a newer one takes the place of the waiting one, so a slow disk means fewer
// checkpoints, never a queue. All calls come from one thread.
class CheckpointWriter {
 public:
  using Files = std::vector<std::filesystem::path>;

  // `before_write` runs on the writer's thread before each file: what must be on disk no later than it.
  CheckpointWriter(std::filesystem::path dir, std::string config_hash, std::function<void()> before_write);
  // Writes what waits; faults are lost, call wait() to meet them.
  ~CheckpointWriter();
  CheckpointWriter(const CheckpointWriter&) = delete;
  CheckpointWriter& operator=(const CheckpointWriter&) = delete;

  // Copies the variables, and the best ones if the state has some. A fault of an earlier write is thrown
  // here.
  void hand_over(const RunState& state, const std::vector<Variable>& variables, const Snapshot& best);
  // Until all that was handed over is on disk. Throws the writer's fault (Fault::output).
  void wait();
  // The files written since the last call.
  Files take_written();

 private:
  void work();
  void throw_fault(const std::unique_lock<std::mutex>& held);

  const std::filesystem::path dir_;
  const std::function<void()> before_write_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Under the mutex:
  Checkpoint waiting_;
  bool has_waiting_ = false, is_writing_ = false, is_ending_ = false;
  Files written_;
  std::exception_ptr fault_;

  Checkpoint writing_;  // the thread's own
  std::thread thread_;  // last: all else is there when it starts
};

}  // namespace gradus::train
