#include "app/figures/axis.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace gradus::figures {
namespace {

TEST(Axis, TicksStandAtRoundNumbers) {
  EXPECT_EQ(linear_axis(0, 10, 5).ticks, (std::vector<double>{0, 2, 4, 6, 8, 10}));
  const Axis small = linear_axis(0.0123, 0.0177, 5);
  ASSERT_EQ(small.ticks.size(), 5u);
  EXPECT_DOUBLE_EQ(small.ticks.front(), 0.013);
  EXPECT_EQ(linear_axis(-1, 1, 4).ticks[2], 0.0);
}

TEST(Axis, TicksStayWithinAndAreFew) {
  for (const double low : {-1e12, -3.7, 0.0, 1e-30, 5e8}) {
    for (const double range : {1e-3, 0.77, 12.0, 4e9, 1e300}) {
      for (const Axis& axis :
           {linear_axis(low, low + range), linear_axis(std::min(-range, low), low + range)}) {
        EXPECT_LE(axis.ticks.size(), 12u);
        for (const double tick : axis.ticks)
          EXPECT_NEAR(std::clamp(axis.share(tick), 0.0, 1.0), axis.share(tick), 1e-9) << tick;
      }
    }
  }
  EXPECT_GE(linear_axis(-1.7e308, 1.7e308).ticks.size(), 2u);
}

TEST(Axis, AnEmptyRangeIsWidened) {
  EXPECT_LT(linear_axis(3, 3).low, 3);
  EXPECT_GT(linear_axis(0, 0).high, 0);
  EXPECT_DOUBLE_EQ(linear_axis(3, 3).share(3), 0.5);
  EXPECT_DOUBLE_EQ(log_axis(3, 3).share(3), 0.5);
}

TEST(Axis, LogarithmsGetPowersOfTen) {
  EXPECT_EQ(log_axis(1, 1000).ticks, (std::vector<double>{1, 10, 100, 1000}));
  EXPECT_EQ(log_axis(1, 20).ticks, (std::vector<double>{1, 2, 5, 10, 20}));
  EXPECT_LE(log_axis(1e-30, 1e30).ticks.size(), 8u);
  EXPECT_DOUBLE_EQ(log_axis(1, 100).share(10), 0.5);
}

TEST(Axis, TextIsShort) {
  EXPECT_EQ(tick_text(0.05), "0.05");
  EXPECT_EQ(tick_text(20000), "20k");
  EXPECT_EQ(tick_text(2500000), "2.5M");
  EXPECT_EQ(tick_text(-15000), "-15k");
}

}  // namespace
}  // namespace gradus::figures
