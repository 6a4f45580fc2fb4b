// The newest weights that a run has saved, finished or not.
#pragma once

#include <filesystem>

#include "gradus/train.h"

namespace gradus::train {

struct SavedWeights {
  std::filesystem::path file;
  std::filesystem::file_time_type time;
  bool is_checkpoint = false;
  bool operator==(const SavedWeights&) const = default;
};

// The trained model, or the latest checkpoint where that is newer. Fault::model: the run has saved none yet.
SavedWeights newest_weights(const std::filesystem::path& dir);

// Sets the network's variables from it, which must be of the run in `dir`. Gives the step they are of; 0 for
// a trained model. Fault::model.
std::int64_t take_weights(const std::filesystem::path& dir, const SavedWeights& saved,
                          const nn::Network& network);

}  // namespace gradus::train
