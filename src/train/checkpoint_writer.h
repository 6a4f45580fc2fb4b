// Checkpoints written beside training: the thread that trains copies memory and goes on.
#pragma once

#include <condition_variable>
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
// checkpoints, never a queue. A write that fails leaves the checkpoints there are, and the next one is tried
// again. All calls come from one thread.
class CheckpointWriter {
 public:
  struct Attempt {
    std::int64_t step = 0;
    std::filesystem::path file;  // that was written
    std::string fault;           // "": none
  };

  // `before_write` runs on the writer's thread before each file: what must be on disk no later than it.
  CheckpointWriter(std::filesystem::path dir, std::string config, std::function<void()> before_write);
  // Writes what waits; to meet its faults, wait() before.
  ~CheckpointWriter();
  CheckpointWriter(const CheckpointWriter&) = delete;
  CheckpointWriter& operator=(const CheckpointWriter&) = delete;

  // Copies the variables, and the best ones and those to roll back to if the state has some.
  void hand_over(const RunState& state, const std::vector<Variable>& variables, const Snapshot& best,
                 const Snapshot* good = nullptr);
  // Until all that was handed over is on disk, or failed.
  void wait();
  // What was tried since the last call, in order.
  std::vector<Attempt> take_attempts();

 private:
  void work();
  Attempt write() const;

  const std::filesystem::path dir_;
  const std::function<void()> before_write_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Under the mutex:
  Checkpoint waiting_;
  bool has_waiting_ = false, is_writing_ = false, is_ending_ = false;
  std::vector<Attempt> attempts_;

  Checkpoint writing_;  // the thread's own
  std::thread thread_;  // last: all else is there when it starts
};

}  // namespace gradus::train
