// The two files of a trained model.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "gradus/train.h"

namespace gradus::train {

// model.toml: `input` and `layers`, then what predictions need as tables [task], [standardizer] or
// [normalizer], [csv].
std::string model_toml(const Model& model);
// The table [standardizer] or [normalizer].
std::string scaling_toml(const data::Standardizer& scaling);
std::string scaling_toml(const data::Normalizer& scaling);
// What the model is for: the tables [task] and, where it was trained on one, [csv].
std::string purpose_toml(const Model& model);
// The model it describes, with initial weights. Fault::model.
Model parse_model_toml(std::string_view toml, const std::string& where);

// Sets what the settings say (init_from, init_layers). Gives a note of what was taken and what was not, if
// that was not all. Fault::model.
std::optional<std::string> load_initial_weights(const nn::Network& network, const RunConfig& config);

// The network's variables in their order, float32.
void save_weights(const nn::Network& network, const std::filesystem::path& file);

}  // namespace gradus::train
