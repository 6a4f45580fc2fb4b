#include "app/figures/points.h"

#include <gtest/gtest.h>

#include <cmath>

namespace gradus::figures {
namespace {

TEST(Points, ShortSeriesStayAsTheyAre) {
  const std::vector<Point> points = {{0, 1}, {1, 2}, {2, 0}};
  EXPECT_EQ(thinned(points, 10).size(), 3u);
  EXPECT_TRUE(thinned({}, 10).empty());
}

TEST(Points, ThinningKeepsEndsAndExtremes) {
  std::vector<Point> points;
  for (int i = 0; i < 100000; ++i) points.push_back({static_cast<double>(i), std::sin(i * 0.001)});
  points[77777].y = 5;
  points[33333].y = -7;
  const std::vector<Point> kept = thinned(points, 50);
  EXPECT_LE(kept.size(), 4u * 50);
  EXPECT_EQ(kept.front().x, 0);
  EXPECT_EQ(kept.back().x, 99999);
  const auto range = range_of(kept);
  ASSERT_TRUE(range);
  EXPECT_EQ(*range, std::pair(-7.0, 5.0));
  for (std::size_t i = 1; i < kept.size(); ++i) EXPECT_LT(kept[i - 1].x, kept[i].x);
}

TEST(Points, GapsStay) {
  std::vector<Point> points;
  for (int i = 0; i < 1000; ++i) points.push_back({static_cast<double>(i), i / 100 == 4 ? NAN : 1.0});
  bool before = false, gap = false, after = false;
  for (const Point& point : thinned(points, 20)) {
    if (std::isnan(point.y)) gap = before && !after;
    if (!std::isnan(point.y)) (gap ? after : before) = true;
  }
  EXPECT_TRUE(before && gap && after);
}

TEST(Points, OneXIsOneColumn) {
  const std::vector<Point> points(1000, Point{3, 1});
  EXPECT_LE(thinned(points, 10).size(), 4u);
}

TEST(Points, RangeSkipsWhatIsNotFinite) {
  EXPECT_FALSE(range_of({{0, NAN}, {1, INFINITY}}));
  EXPECT_EQ(*range_of({{0, NAN}, {1, 2}, {2, -INFINITY}}), std::pair(2.0, 2.0));
}

}  // namespace
}  // namespace gradus::figures
