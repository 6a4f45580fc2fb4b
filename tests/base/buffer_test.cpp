#include "base/buffer.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "support/expect_error.h"

namespace gradus {
namespace {

TEST(Allocate, GivesZeroedMemoryOnACacheLine) {
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{63}, std::size_t{64},
                                  std::size_t{65}, std::size_t{100'000}}) {
    const auto memory = allocate(bytes);
    ASSERT_NE(memory, nullptr) << bytes;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory.get()) % kAlignment, 0u) << bytes;
    EXPECT_TRUE(
        std::all_of(memory.get(), memory.get() + bytes, [](std::byte b) { return b == std::byte{0}; }));
  }
}

TEST(Allocate, RefusesASizeThatOverflowsWhenRounded) {
  expect_error([] { allocate(std::numeric_limits<std::size_t>::max()); }, Fault::model,
               "out of memory: 18446744073709551615 bytes were asked for.");
}

TEST(AlignUp, RoundsToTheNextMultiple) {
  EXPECT_EQ(align_up(0), 0u);
  EXPECT_EQ(align_up(1), 64u);
  EXPECT_EQ(align_up(64), 64u);
  EXPECT_EQ(align_up(65), 128u);
}

}  // namespace
}  // namespace gradus
