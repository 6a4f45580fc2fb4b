// What explain found, as text, as JSON and as a page.
#pragma once

#include <string>

#include "train/explain.h"
#include "train/explain_weight.h"

namespace gradus::cli {

// Numbered steps, each with its formulas, shapes and numbers.
std::string explanation_text(const train::Explanation& explanation);
std::string explanation_json(const train::Explanation& explanation);

// An HTML page of its own, with the drawing (SVG).
std::string explanation_html(const train::Explanation& explanation, const std::string& drawing);

// Parts of these: the first sentence; the title of a stage and of a step; an array's elements, or what
// describes them.
std::string opening_text(const train::Explanation& explanation);
std::string stage_title(train::ExplainStep::Stage stage);
std::string step_title(const train::ExplainStep& step);
std::string numbers_text(const train::ArrayView& array);

// The paths of a weight, largest first, and their sum beside the engine's gradient and a difference.
std::string weight_text(const train::WeightExplanation& explanation);
std::string weight_json(const train::WeightExplanation& explanation);

}  // namespace gradus::cli
