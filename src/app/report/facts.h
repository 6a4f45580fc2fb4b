// All that a run's page tells, gathered from its folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "gradus/nn.h"
#include "gradus/train.h"
#include "train/read_history.h"
#include "train/review.h"

namespace gradus::report {

struct PartFacts {
  std::string name;  // "training"
  std::int64_t examples = 0;
  std::string checksum;  // CRC-32C of the examples and targets as the network gets them; "" for large parts
};

struct DataFacts {
  std::vector<PartFacts> parts;
  std::string inputs, targets;  // "f32 [2]", "3 classes"
  std::vector<std::string> class_names, feature_names;
  std::vector<std::int64_t> class_counts;  // of the training part
  std::string scaling;                     // what was done to the inputs
};

struct RunFacts {
  std::filesystem::path dir;
  train::RunConfig config;
  train::RunHistory history;
  std::vector<nn::SummaryRow> layers;
  std::optional<DataFacts> data;
  std::optional<train::Review> review;  // of the trained model
  std::vector<std::string> notes;       // what is not there, and why
};

// Of any run folder: finished, going on, or cut off. Its data are opened, unless `run` has them and the
// trained weights. What cannot be had is left out, with a note. Fault::model: no run there.
RunFacts gather(const std::filesystem::path& dir, const train::Prepared* run = nullptr);

}  // namespace gradus::report
