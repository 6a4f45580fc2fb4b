// Series of points, and fewer of them that look the same.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace gradus::figures {

struct Point {
  double x = 0, y = 0;  // a y that is not finite is a gap
};

// Points in ascending x, thinned to at most the first, lowest, highest and last of each of `columns` equal
// parts of their range; a gap stays one. Short series are returned as they are.
std::vector<Point> thinned(const std::vector<Point>& points, std::size_t columns);

// The least and greatest finite y; none if there is no such.
std::optional<std::pair<double, double>> range_of(const std::vector<Point>& points);

}  // namespace gradus::figures
