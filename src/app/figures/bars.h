// Small histograms side by side.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/figures/svg.h"

namespace gradus::figures {

// How many numbers fall into equal parts of [low, high].
struct Bars {
  std::string label;
  double low = 0, high = 0;
  std::vector<std::int64_t> counts;  // none: nothing was finite
  int tone = 0;
};

struct BarRow {
  std::string title;
  std::vector<Bars> panels;  // side by side
};

Figure drawn(const std::string& name, const std::string& title, const std::vector<BarRow>& rows);

}  // namespace gradus::figures
