#include "app/figures/color_ramp.h"

#include <gtest/gtest.h>

#include <cmath>

namespace gradus::figures {
namespace {

TEST(ColorRamp, EndsAndBeyond) {
  EXPECT_EQ(colour(Ramp::viridis, 0), "#440154");
  EXPECT_EQ(colour(Ramp::viridis, 1), "#fde725");
  EXPECT_EQ(colour(Ramp::blue, 2), colour(Ramp::blue, 1));
  EXPECT_EQ(colour(Ramp::blue, -1), colour(Ramp::blue, NAN));
}

double luma(const std::string& text) {
  const auto part = [&](std::size_t at) { return std::stoi(text.substr(at, 2), nullptr, 16); };
  return 0.299 * part(1) + 0.587 * part(3) + 0.114 * part(5);
}

TEST(ColorRamp, LightnessRisesOrFallsEverywhere) {
  for (int i = 1; i <= 40; ++i) {
    const double before = (i - 1) / 40.0, now = i / 40.0;
    EXPECT_GT(luma(colour(Ramp::viridis, now)), luma(colour(Ramp::viridis, before))) << now;
    EXPECT_LT(luma(colour(Ramp::blue, now)), luma(colour(Ramp::blue, before))) << now;
  }
  EXPECT_TRUE(is_dark(Ramp::blue, 1) && !is_dark(Ramp::blue, 0));
}

}  // namespace
}  // namespace gradus::figures
