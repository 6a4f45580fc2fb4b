// The health lines of history.jsonl.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "gradus/health.h"
#include "gradus/train.h"
#include "train/circumstances.h"

namespace gradus::train {

// What a run's history holds of its health, in order.
struct HealthRecord {
  std::vector<HealthEvent> looks;
  std::vector<EpochEvent> epochs;  // numbers of epochs and scores only
  std::vector<Finding> findings;
  std::optional<Environment> environment;  // where it was trained last
  std::optional<RunEnd> end;               // none while it goes on, or if it could not tell
};

nlohmann::ordered_json json_of(const HealthEvent& event);
nlohmann::ordered_json json_of(const Finding& finding);

// Of a finished run or one that goes on; empty without a history. Fault::model: a damaged line, except that
// the last one may be half written.
HealthRecord read_health(const std::filesystem::path& dir);

}  // namespace gradus::train
