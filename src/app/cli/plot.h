// A curve drawn with characters.
#pragma once

#include <string>
#include <vector>

namespace gradus::cli {

struct PlotOptions {
  int columns = 60, rows = 12;     // of the area the curve is in
  bool log_x = false;              // xs above 0
  std::vector<double> marks = {};  // xs that get a '|' below the axis
};

// One point each for x and y, finite and of equal number; x ascending. "" for none. Lines end in '\n'; ys are
// written beside the first and the last row, xs below the ends of the axis.
std::string plot(const std::vector<double>& xs, const std::vector<double>& ys,
                 const PlotOptions& options = {});

}  // namespace gradus::cli
