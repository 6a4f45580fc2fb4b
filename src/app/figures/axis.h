// Axes of drawings: where a number stands, and which numbers are written beside.
#pragma once

#include <string>
#include <vector>

namespace gradus::figures {

struct Axis {
  double low = 0, high = 1;  // finite, low < high; above 0 where log
  bool log = false;
  std::vector<double> ticks;  // ascending, within [low, high]

  double share(double value) const;  // 0 at low, 1 at high
};

// From low to high with about `count` ticks at 1, 2 or 5 times a power of ten. An empty range is widened.
Axis linear_axis(double low, double high, int count = 5);
// The same with ticks at powers of ten, or between them where there are few. low > 0.
Axis log_axis(double low, double high, int count = 5);

// "0.5", "20k", "1e-05".
std::string tick_text(double value);

}  // namespace gradus::figures
