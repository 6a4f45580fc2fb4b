// What explain found, as text and as JSON.
#pragma once

#include <string>

#include "train/explain.h"

namespace gradus::cli {

// Numbered steps, each with its formulas, shapes and numbers.
std::string explanation_text(const train::Explanation& explanation);
std::string explanation_json(const train::Explanation& explanation);

}  // namespace gradus::cli
