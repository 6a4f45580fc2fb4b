// The runs whose networks are looked at, loaded. For one thread.
#pragma once

#include <filesystem>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "train/network_look.h"
#include "train/saved_weights.h"

namespace gradus::board {

// One run with the newest weights it has saved.
class LoadedNetwork {
 public:
  // Errors: all that settings, data and weights can have.
  explicit LoadedNetwork(std::filesystem::path dir);

  // Takes newer weights, if there are some; false: the settings changed, so that it must be loaded anew.
  bool update();

  const train::Prepared& run() const { return run_; }
  const train::LayerGraph& graph() const { return graph_; }
  const train::SavedWeights& weights() const { return weights_; }
  std::int64_t step() const { return step_; }  // 0: of a trained model
  std::string version() const;                 // another one for other weights

  // A part of the run's data by its name. Fault::usage: it has no such part.
  const data::Dataset& part(const std::string& name) const;

  // The network on the run's first batch, as it trains; on one example, as it predicts. Kept until another
  // one is asked for.
  const train::NetworkLook& batch();
  const train::NetworkLook& example(const std::string& part, std::int64_t row);

 private:
  std::filesystem::path dir_;
  std::filesystem::file_time_type settings_time_;
  train::Prepared run_;
  train::LayerGraph graph_;
  train::SavedWeights weights_;
  std::int64_t step_ = 0;
  std::optional<train::NetworkLook> batch_, example_;
  std::string example_part_;
  std::int64_t example_row_ = 0;
};

class NetworkStore {
 public:
  // The run's network, up to date; valid until the next call.
  LoadedNetwork& of(const std::filesystem::path& dir);

 private:
  struct Entry {
    std::filesystem::path dir;
    std::unique_ptr<LoadedNetwork> network;
  };
  std::list<Entry> entries_;  // the one used last comes first
};

}  // namespace gradus::board
