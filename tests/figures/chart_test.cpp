#include "app/figures/chart.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/markup_problem.h"

namespace gradus::figures {
namespace {

Chart chart_of(std::vector<Point> points) {
  return {.name = "loss",
          .title = "Loss",
          .x_label = "step",
          .y_label = "loss",
          .lines = {{.name = "<train>", .points = std::move(points)}}};
}

std::string checked(const Chart& chart) {
  const std::string svg = svg_file(drawn(chart));
  EXPECT_EQ(markup_problem(svg, false), "") << svg;
  EXPECT_EQ(svg.find("nan"), std::string::npos) << svg;
  EXPECT_EQ(svg.find("inf"), std::string::npos) << svg;
  return svg;
}

TEST(Chart, DrawsALineWithNumbersToRestOn) {
  const std::string svg = checked(chart_of({{0, 2}, {10, 1}}));
  EXPECT_NE(svg.find("&lt;train&gt;, step 10: 1</title>"), std::string::npos);
  EXPECT_NE(svg.find("class=\"line tone0\" d=\"M66.0 "), std::string::npos) << svg;
}

TEST(Chart, TakesOnePointAndNone) {
  EXPECT_NE(checked(chart_of({{5, 1}})).find("<circle class=\"fill0\""), std::string::npos);
  checked(chart_of({}));
  checked(chart_of({{1, NAN}, {2, INFINITY}}));
}

TEST(Chart, GapsBreakTheLine) {
  const std::string svg = checked(chart_of({{0, 1}, {1, 2}, {2, NAN}, {3, 1}, {4, 2}}));
  const std::string d = svg.substr(svg.rfind("<path class=\"line tone0\""), 120);
  EXPECT_EQ(std::count(d.begin(), d.end(), 'M'), 2) << d;
}

TEST(Chart, LongLinesStaySmall) {
  std::vector<Point> points;
  for (int i = 0; i < 200000; ++i) points.push_back({static_cast<double>(i), std::sin(i) + 2});
  Chart chart = chart_of(points);
  chart.log_y = true;
  chart.mark = Mark{1000, "best"};
  EXPECT_LT(checked(chart).size(), 60000u);
}

TEST(Chart, HugeNumbersFit) { checked(chart_of({{0, -1.7e308}, {1, 1.7e308}, {2, 1e-300}})); }

}  // namespace
}  // namespace gradus::figures
