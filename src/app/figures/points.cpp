#include "app/figures/points.h"

#include <algorithm>
#include <cmath>

namespace gradus::figures {
namespace {

// Adds what stands for points [begin, end), which share a column and have no gap among them.
void add_column(const std::vector<Point>& points, std::size_t begin, std::size_t end,
                std::vector<Point>& kept) {
  std::size_t low = begin, high = begin;
  for (std::size_t i = begin; i < end; ++i) {
    if (points[i].y < points[low].y) low = i;
    if (points[i].y > points[high].y) high = i;
  }
  std::size_t places[] = {begin, std::min(low, high), std::max(low, high), end - 1};
  std::size_t* const last = std::unique(std::begin(places), std::end(places));
  for (std::size_t* place = places; place != last; ++place) kept.push_back(points[*place]);
}

}  // namespace

std::vector<Point> thinned(const std::vector<Point>& points, std::size_t columns) {
  if (columns == 0 || points.size() <= 2 * columns) return points;
  const double left = points.front().x, width = points.back().x - left;
  const auto column = [&](const Point& point) {
    return width > 0
               ? std::min(static_cast<std::size_t>((point.x - left) / width * static_cast<double>(columns)),
                          columns - 1)
               : 0;
  };
  std::vector<Point> kept;
  for (std::size_t begin = 0; begin < points.size();) {
    const bool gap = !std::isfinite(points[begin].y);
    std::size_t end = begin + 1;
    while (end < points.size() && column(points[end]) == column(points[begin]) &&
           std::isfinite(points[end].y) != gap)
      ++end;
    if (gap)
      kept.push_back(points[begin]);
    else
      add_column(points, begin, end, kept);
    begin = end;
  }
  return kept;
}

std::optional<std::pair<double, double>> range_of(const std::vector<Point>& points) {
  std::optional<std::pair<double, double>> range;
  for (const Point& point : points) {
    if (!std::isfinite(point.y)) continue;
    if (!range) range = {point.y, point.y};
    range->first = std::min(range->first, point.y);
    range->second = std::max(range->second, point.y);
  }
  return range;
}

}  // namespace gradus::figures
