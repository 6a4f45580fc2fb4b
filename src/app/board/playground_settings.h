// What the playground's page chooses, as the settings of a run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "app/board/http.h"
#include "gradus/train.h"

namespace gradus::board {

// Small enough that a step takes well under a millisecond and every unit can be drawn.
namespace playground {
inline constexpr std::int64_t kMostLayers = 8, kMostWidth = 64, kMostExamples = 2000, kMostFeatures = 16;
inline constexpr std::int64_t kMostClasses = 10, kMostSteps = 10'000'000;
inline constexpr std::size_t kMostCsvBytes = 1024 * 1024;
}  // namespace playground

struct PlaygroundSettings {
  std::string data = "moons";  // one of data_names(); "csv": the text below
  std::int64_t examples = 300, classes = 3;
  double noise = 0.15, test = 0.3;
  std::string csv, target;  // an upload, and its target column: the last one if ""
  std::vector<std::int64_t> hidden = {8, 8};
  std::string activation = "tanh", initializer;  // "": the library's own
  bool batch_norm = false, skip = false;
  double dropout = 0;
  // Keys of RunConfig that pass through as they are: optimizer, lr, momentum, weight_decay, l1, l2, loss,
  // batch_size, seed.
  std::vector<std::pair<std::string, std::string>> keys;
};

// Fault::usage: unknown keys, values of another type, numbers out of the bounds above.
PlaygroundSettings parse_playground(const Json& json);

// Names to choose from, defaults and bounds, for the page's form.
Json playground_choices();

// The run the settings describe. `csv_file` holds their upload. Errors: as data and models have them.
train::RunConfig playground_run(const PlaygroundSettings& settings, const std::filesystem::path& csv_file);

}  // namespace gradus::board
