#include "app/figures/heat_map.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/markup_problem.h"

namespace gradus::figures {
namespace {

HeatMap map_of(std::vector<std::vector<double>> values) {
  HeatMap map{.name = "m",
              .title = "M",
              .x_label = "step",
              .y_label = "layer",
              .value_label = "norm",
              .rows = {},
              .columns = {},
              .cells = {}};
  for (std::size_t r = 0; r < values.size(); ++r) {
    map.rows.push_back("<row" + std::to_string(r) + ">");
    map.cells.emplace_back();
    for (const double value : values[r]) map.cells.back().push_back({.value = value, .title = "<here>"});
  }
  for (std::size_t c = 0; !values.empty() && c < values[0].size(); ++c)
    map.columns.push_back(std::to_string(c));
  return map;
}

std::string checked(const HeatMap& map) {
  const std::string svg = svg_file(drawn(map));
  EXPECT_EQ(markup_problem(svg, false), "") << svg;
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  return svg;
}

TEST(HeatMap, ColoursFollowTheLogarithm) {
  HeatMap map = map_of({{1e-4, 1e-2, 1}});
  map.log = true;
  const std::string svg = checked(map);
  for (const double share : {0.0, 0.5, 1.0})
    EXPECT_NE(svg.find("<rect fill=\"" + colour(Ramp::viridis, share) + "\" x="), std::string::npos) << share;
}

TEST(HeatMap, ARangeOfItsOwnFixesTheColours) {
  HeatMap map = map_of({{1, 1}});
  map.range = {0, 1};
  EXPECT_NE(checked(map).find("<rect fill=\"" + colour(Ramp::viridis, 1) + "\" x="), std::string::npos);
}

TEST(HeatMap, ManyRowsHaveFewerLabels) {
  const std::string svg = checked(map_of(std::vector<std::vector<double>>(64, {1, 2})));
  EXPECT_NE(svg.find(">&lt;row0&gt;<"), std::string::npos);
  EXPECT_EQ(svg.find(">&lt;row1&gt;<"), std::string::npos);
}

TEST(HeatMap, WhatHasNoColourIsAGap) {
  HeatMap map = map_of({{NAN, 0, -1, INFINITY, 1}});
  map.log = true;
  const std::string svg = checked(map);
  std::size_t gaps = 0;
  for (std::size_t at = 0; (at = svg.find("class=\"gap\"", at)) != std::string::npos; ++at) ++gaps;
  EXPECT_EQ(gaps, 4u);
}

TEST(HeatMap, TakesOneCellAndNone) {
  checked(map_of({{3}}));
  checked(map_of({}));
  HeatMap square = map_of({{0.5}});
  square.square = true;
  square.cells[0][0].text = "<5>";
  EXPECT_NE(checked(square).find(">&lt;5&gt;</text>"), std::string::npos);
}

}  // namespace
}  // namespace gradus::figures
