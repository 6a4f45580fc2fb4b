// history.jsonl read: what a run has told so far.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "gradus/health.h"
#include "gradus/train.h"
#include "train/circumstances.h"

namespace gradus::train {

// The gradient norms of one step, of layers or parameters.
struct GradientNorms {
  std::int64_t step = 0;
  std::vector<std::pair<std::string, double>> norms;
};

// The lines by kind, in the order they were written. Numbers that were not finite are NaN.
struct RunHistory {
  std::vector<StepEvent> steps;    // step, epoch, loss, smoothed_loss, accuracy, lr, seconds, samples_per_s
  std::vector<EpochEvent> epochs;  // all but total_epochs and epochs_without_gain
  std::vector<GradientNorms> gradients;
  std::vector<Finding> findings;
  std::vector<Environment> environments;  // one, unless the run went on elsewhere
  std::optional<TrainResult> finish;      // of a run that came to its end
  std::optional<RunEnd> end;              // of one that did not, if it could still tell

  bool empty() const { return steps.empty() && epochs.empty() && gradients.empty() && !finish; }
};

// Of a run in progress, too: a last line that is half written, lines of other kinds and lines that lack what
// their kind has are left out. No file: an empty history. Fault::model: a file that cannot be read.
RunHistory read_history(const std::filesystem::path& dir);

// The file's lines; none if there is no file.
std::vector<std::string> history_lines(const std::filesystem::path& dir);

}  // namespace gradus::train
