// Curves and clouds of points over two axes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/figures/points.h"
#include "app/figures/svg.h"

namespace gradus::figures {

struct Line {
  enum Look { solid, faint, dashed, dots };
  std::string name;           // in the legend; "": not there
  std::vector<Point> points;  // in ascending x, but for dots
  int tone = 0;               // see kTones
  Look look = solid;
};

struct Mark {
  double x = 0;
  std::string text;
};

struct Chart {
  std::string name, title, x_label, y_label;
  std::vector<Line> lines;
  bool log_y = false;             // all y above 0, where finite
  bool diagonal = false;          // both axes have one range, with the line y = x
  std::optional<Mark> mark = {};  // a vertical line
};

// Long lines are thinned to what the width can show; numbers appear where the pointer rests. Without a finite
// point the axes stand alone.
Figure drawn(const Chart& chart);

}  // namespace gradus::figures
