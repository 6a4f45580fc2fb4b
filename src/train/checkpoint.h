// Checkpoints: everything a run needs to go on exactly as if it had not stopped.
#pragma once

#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "gradus/train.h"

namespace gradus::train {

// What a run counts besides its variables.
struct RunState {
  std::int64_t step = 0;  // done; the place in the data follows from it
  double seconds = 0;     // spent so far
  double average = 0;     // of the loss: 0.98 old + 0.02 new, from 0
  // Sums over the running epoch.
  double epoch_loss = 0, epoch_seconds = 0;
  std::int64_t epoch_correct = 0, epoch_examples = 0;
  // Of the lowest validation loss; best_step 0: none yet.
  double best_loss = std::numeric_limits<double>::infinity();
  std::int64_t best_step = 0, best_epoch = 0, epochs_without_gain = 0;
  bool stopped_early = false;
  std::vector<double> schedule;   // Schedule::state()
  std::optional<double> lr = {};  // ordered while it ran: what the schedule scales instead of RunConfig::lr
};

struct Checkpoint {
  RunState state;
  std::string config_hash;
  std::vector<std::pair<std::string, Tensor>> variables;  // each in its own precision
  std::vector<std::pair<std::string, Tensor>> best;       // the network's at best_step
};

// checkpoints/step-000000042.safetensors: the variables by name, the best ones as "best/NAME", and the
// state as JSON in the bytes of "run.json". Written in one step; then all but the last two and the one of
// best_step are removed. Gives the file.
std::filesystem::path write_checkpoint(const std::filesystem::path& dir, const Checkpoint& checkpoint);
// The latest one that can be read, with a note for each newer one; none if there is none. Fault::model: all
// files are damaged.
std::optional<Checkpoint> read_latest_checkpoint(const std::filesystem::path& dir,
                                                 std::vector<std::string>* notes = nullptr);
// The latest one's file; empty: there is none.
std::filesystem::path latest_checkpoint(const std::filesystem::path& dir);
bool has_checkpoint(const std::filesystem::path& dir);
void remove_checkpoints(const std::filesystem::path& dir);

// Sets variables by name. Fault::model: missing ones, other types.
void restore_variables(const std::vector<Variable>& variables,
                       const std::vector<std::pair<std::string, Tensor>>& tensors, const std::string& where);

// Tells apart runs that compute something else; how far a run goes and what it reports are left out.
std::string hash_of(const RunConfig& config);

}  // namespace gradus::train
