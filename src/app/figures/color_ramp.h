// Colours for numbers.
#pragma once

#include <string>

namespace gradus::figures {

// Both rise evenly in lightness, so that they read the same without colours and to the colour-blind: blue
// from light to dark, and viridis (Smith and van der Walt 2015, CC0) from dark to light.
enum class Ramp { blue, viridis };

std::string colour(Ramp ramp, double share);  // "#08306b"; share in [0, 1], beyond it the ends
bool is_dark(Ramp ramp, double share);        // whether white text is read better on it than black

}  // namespace gradus::figures
