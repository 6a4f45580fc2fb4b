#include "app/cli/plot.h"

#include <gtest/gtest.h>

namespace gradus::cli {
namespace {

TEST(Plot, DrawsPointsAxesAndMarks) {
  EXPECT_EQ(
      plot({0.01, 0.1, 1, 10, 100}, {5, 4, 3, 2, 1}, {.columns = 9, .rows = 5, .log_x = true, .marks = {1}}),
      "5 |*\n"
      "  |  *\n"
      "  |    *\n"
      "  |      *\n"
      "1 |        *\n"
      "  +----|----\n"
      "   0.01  100\n");
}

TEST(Plot, TakesWhatHasNoRange) {
  EXPECT_EQ(plot({}, {}), "");
  EXPECT_EQ(plot({2}, {3}, {.columns = 4, .rows = 2, .marks = {}}),
            "3 |*\n"
            "3 |\n"
            "  +----\n"
            "   2  2\n");
}

}  // namespace
}  // namespace gradus::cli
