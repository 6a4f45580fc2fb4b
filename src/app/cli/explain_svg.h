// A training step as a drawing: the layers on their way to the loss, and the gradients on their way back.
#pragma once

#include <string>

#include "train/explain.h"

namespace gradus::cli {

// An SVG page of its own. Layers stand in levels, each below all that it reads, and beside each the gradients
// that belong to it. What shows step n of the explanation, from 1, is a group with data-step="n".
std::string explanation_svg(const train::Explanation& explanation);

}  // namespace gradus::cli
