#include "train/saved_weights.h"

#include "base/check.h"
#include "train/checkpoint.h"

namespace gradus::train {

namespace fs = std::filesystem;

SavedWeights newest_weights(const fs::path& dir) {
  std::error_code error;
  SavedWeights saved{.file = latest_checkpoint(dir), .time = {}};
  if (!saved.file.empty()) {
    saved.is_checkpoint = true;
    saved.time = fs::last_write_time(saved.file, error);
  }
  const fs::path model = dir / "model.safetensors";
  const fs::file_time_type time = fs::last_write_time(model, error);
  if (!error && (saved.file.empty() || time >= saved.time)) return {.file = model, .time = time};
  require(
      Fault::model, !saved.file.empty(),
      "{}: the run has saved no weights yet. They come with its first checkpoint: at the end of an epoch, or "
      "as --checkpoint-every says.",
      dir.string());
  return saved;
}

std::int64_t take_weights(const fs::path& dir, const SavedWeights& saved, const nn::Network& network) {
  if (!saved.is_checkpoint) {
    load_weights(network, saved.file);
    return 0;
  }
  const std::optional<Checkpoint> checkpoint = read_latest_checkpoint(dir);
  require(Fault::model, checkpoint.has_value(), "{}: its checkpoints are gone. Ask again.", dir.string());
  restore_variables(network.variables(), checkpoint->variables, saved.file.string());
  return checkpoint->state.step;
}

}  // namespace gradus::train
