#include "app/board/network_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "train/run_folder.h"

namespace gradus::board {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostLoaded = 2;                         // each holds its run's data
constexpr std::int64_t kMostElements = std::int64_t{1} << 25;  // of a batch's outputs and gradients

fs::file_time_type settings_time(const fs::path& dir) {
  std::error_code error;
  return fs::last_write_time(dir / "run.toml", error);
}

train::Prepared load(const fs::path& dir) {
  train::RunConfig config = train::saved_config(dir);
  config.init_from.clear();  // the run's own weights replace it
  config.threads = 1;        // the others are left to what trains
  return train::prepare(config);
}

}  // namespace

LoadedNetwork::LoadedNetwork(fs::path dir)
    : dir_(std::move(dir)), settings_time_(settings_time(dir_)), weights_(train::newest_weights(dir_)) {
  run_ = load(dir_);
  step_ = train::take_weights(dir_, weights_, run_.model.network);
  graph_ = train::layer_graph(run_);
}

bool LoadedNetwork::update() {
  if (settings_time(dir_) != settings_time_) return false;
  const train::SavedWeights newest = train::newest_weights(dir_);
  if (newest == weights_) return true;
  step_ = train::take_weights(dir_, newest, run_.model.network);
  weights_ = newest;
  batch_.reset();
  example_.reset();
  return true;
}

std::string LoadedNetwork::version() const {
  return fmt::format("{}-{}", weights_.file.stem().string(), weights_.time.time_since_epoch().count());
}

const data::Dataset& LoadedNetwork::part(const std::string& name) const {
  const train::Parts& parts = run_.parts;
  if (name == "train") return parts.train;
  if (name == "val" && parts.val) return *parts.val;
  if (name == "test" && parts.test) return *parts.test;
  fail(Fault::usage, "part: one that the run's data has was needed (train{}{}), '{}' was given.",
       parts.val ? ", val" : "", parts.test ? ", test" : "", name);
}

const train::NetworkLook& LoadedNetwork::batch() {
  if (!batch_) batch_ = train::look_at(run_, train::small_batch(run_, graph_, kMostElements));
  return *batch_;
}

const train::NetworkLook& LoadedNetwork::example(const std::string& name, std::int64_t row) {
  if (!example_ || example_part_ != name || example_row_ != row) {
    const train::LookedBatch one = train::example_to_look_at(run_, part(name), row);
    example_ = train::look_at(run_, one, {.mode = train::LookMode::inference, .keep_arrays = true});
    example_part_ = name;
    example_row_ = row;
  }
  return *example_;
}

LoadedNetwork& NetworkStore::of(const fs::path& dir) {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.dir == dir; });
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
    if (found->network->update()) return *found->network;
    entries_.pop_front();
  }
  if (entries_.size() >= kMostLoaded) entries_.pop_back();
  entries_.push_front({dir, std::make_unique<LoadedNetwork>(dir)});
  return *entries_.front().network;
}

}  // namespace gradus::board
