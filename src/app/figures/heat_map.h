// Tables of numbers as colours.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/figures/color_ramp.h"
#include "app/figures/svg.h"

namespace gradus::figures {

struct Cell {
  double value = 0;        // its colour; one that is not finite (or, where log, not above 0) is a gap
  std::string text = {};   // in the cell
  std::string title = {};  // where the pointer rests
  bool empty = false;      // nothing there: no colour
};

struct HeatMap {
  std::string name, title, x_label, y_label, value_label;
  std::vector<std::string> rows, columns;  // labels
  std::vector<std::vector<Cell>> cells;    // [row][column]
  Ramp ramp = Ramp::viridis;
  std::optional<std::pair<double, double>> range = {};  // of the colours; none: that of the values
  bool log = false;
  bool square = false;  // cells as high as wide, every column labelled
};

Figure drawn(const HeatMap& map);

}  // namespace gradus::figures
