// Checkpoints: everything a run needs to go on exactly as if it had not stopped.
#pragma once

#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "gradus/train.h"
#include "train/stepper.h"

namespace gradus::train {

// What a run counts besides its variables.
struct RunState {
  std::int64_t step = 0;  // done
  Place place = {};       // of the next one
  double seconds = 0;     // spent so far
  double average = 0;     // of the loss: 0.98 old + 0.02 new, from 0
  // Sums over the running epoch.
  double epoch_loss = 0, epoch_seconds = 0;
  std::int64_t epoch_correct = 0, epoch_examples = 0;
  // Of the lowest validation loss; best_step 0: none yet.
  double best_loss = std::numeric_limits<double>::infinity();
  std::int64_t best_step = 0, best_epoch = 0, epochs_without_gain = 0;
  bool stopped_early = false;
  // Steps that were not finite: all, those since the last good one, and those that cost half the learning
  // rate.
  std::int64_t left_out = 0, left_out_in_a_row = 0, rollbacks = 0;
  std::int64_t good_step = -1;    // of Checkpoint::good; -1: none
  std::vector<double> schedule;   // Schedule::state()
  std::optional<double> lr = {};  // ordered while it ran: what the schedule scales instead of RunConfig::lr
};

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

struct Checkpoint {
  RunState state;
  std::string config;      // resolved, as to_toml() gives it
  NamedTensors variables;  // each in its own precision
  NamedTensors best;       // the network's at best_step
  NamedTensors good;       // all at good_step: what a bad step goes back to
};

// Writes checkpoints/step-000000042.safetensors in one step; then all earlier ones but the last and the one
// of best_step are removed. Gives the file. Fault::output; the others are there as before then.
std::filesystem::path write_checkpoint(const std::filesystem::path& dir, const Checkpoint& checkpoint);
struct Damaged {
  std::filesystem::path file;
  std::string reason;  // names the file
};
// The latest one that can be read, and the newer ones, which cannot; none if there is none. Fault::model: all
// files are damaged.
std::optional<Checkpoint> read_latest_checkpoint(const std::filesystem::path& dir,
                                                 std::vector<Damaged>* damaged = nullptr);
// Adds ".damaged" to their names, so that they no longer count among the last two.
void set_aside(const std::vector<Damaged>& damaged);
// The latest one's file; empty: there is none.
std::filesystem::path latest_checkpoint(const std::filesystem::path& dir);
bool has_checkpoint(const std::filesystem::path& dir);
void remove_checkpoints(const std::filesystem::path& dir);

// Sets variables, or copies of them, by name. Fault::model: missing ones, other types.
void restore_variables(const std::vector<Variable>& variables, const NamedTensors& tensors,
                       const std::string& where);
void restore_snapshot(const Snapshot& snapshot, const NamedTensors& tensors, const std::string& where);

}  // namespace gradus::train
