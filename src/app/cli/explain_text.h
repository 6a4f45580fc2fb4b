// What explain found, as text and as JSON.
#pragma once

#include <string>

#include "train/explain.h"
#include "train/explain_weight.h"

namespace gradus::cli {

// Numbered steps, each with its formulas, shapes and numbers.
std::string explanation_text(const train::Explanation& explanation);
std::string explanation_json(const train::Explanation& explanation);

// The paths of a weight, largest first, and their sum beside the engine's gradient and a difference.
std::string weight_text(const train::WeightExplanation& explanation);
std::string weight_json(const train::WeightExplanation& explanation);

}  // namespace gradus::cli
