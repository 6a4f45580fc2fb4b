// Pixels converted at full width have the bits of plain arithmetic, whatever their number.
#include "data/pixels.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

using namespace gradus;

namespace {

// All values there are, and then some, so that every length ends at another place in a vector.
std::vector<std::uint8_t> pixels(std::size_t count) {
  std::vector<std::uint8_t> list(count);
  std::iota(list.begin(), list.end(), std::uint8_t{0});
  return list;
}

constexpr float kUntouched = -7;

TEST(Pixels, SharesAreQuotientsBy255) {
  for (std::size_t count = 0; count < 300; ++count) {
    const std::vector<std::uint8_t> from = pixels(count);
    std::vector<float> to(count + 1, kUntouched);
    data::pixels_as_shares(from, to.data());
    for (std::size_t i = 0; i < count; ++i)
      ASSERT_EQ(to[i], static_cast<float>(from[i]) / 255.0F) << i << " of " << count;
    ASSERT_EQ(to[count], kUntouched) << count;
  }
}

TEST(Pixels, ScalingRoundsTheProductAndTheSum) {
  // With these a product that is not rounded before the sum gives another result.
  const float scale = 1 / (255 * 0.2023F), shift = -0.4914F / 0.2023F;
  for (std::size_t count = 0; count < 300; ++count) {
    const std::vector<std::uint8_t> from = pixels(count);
    std::vector<float> to(count + 1, kUntouched);
    data::pixels_scaled(from, scale, shift, to.data());
    for (std::size_t i = 0; i < count; ++i) {
      const volatile float product = static_cast<float>(from[i]) * scale;
      ASSERT_EQ(to[i], product + shift) << i << " of " << count;
    }
    ASSERT_EQ(to[count], kUntouched) << count;
  }
}

}  // namespace
