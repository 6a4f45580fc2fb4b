#include "app/figures/sparkline.h"

#include <gtest/gtest.h>

#include <cmath>

namespace gradus::figures {
namespace {

TEST(Sparkline, RisesAndFalls) {
  EXPECT_EQ(sparkline({8, 7, 6, 5, 4, 3, 2, 1}, 40, true), "█▇▆▅▄▃▂▁");
  EXPECT_EQ(sparkline({1, 8}, 40, false), "_#");
}

TEST(Sparkline, LongSeriesAreAveraged) {
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i) values.push_back(1000 + i);
  EXPECT_EQ(sparkline(values, 8, false), "_.:-=+*#");
}

TEST(Sparkline, WideRangesAreDrawnByTheirLogarithms) {
  EXPECT_EQ(sparkline({1, 10, 100}, 8, false), "_=#");
  EXPECT_EQ(sparkline({-1, 10, 100}, 8, false), "__#") << "not below 0";
}

TEST(Sparkline, TakesWhatHasNoRange) {
  EXPECT_EQ(sparkline({}, 8, false), "");
  EXPECT_EQ(sparkline({2, 2}, 8, false), "__");
  EXPECT_EQ(sparkline({1, NAN, INFINITY, 2}, 8, false), "_  #");
}

}  // namespace
}  // namespace gradus::figures
