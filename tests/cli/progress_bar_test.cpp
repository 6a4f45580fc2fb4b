#include "app/cli/progress_bar.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/text.h"

namespace gradus::cli {
namespace {

ProgressState half_way() {
  return {.label = "epoch 3/20",
          .done = 500,
          .total = 1000,
          .rate = 12345,
          .seconds_left = 75,
          .loss = 0.31214,
          .smoothed = 0.3304,
          .accuracy = 0.9125};
}

TEST(ProgressLine, ShowsAllThereIs) {
  EXPECT_EQ(progress_line(half_way(), 120, false),
            "epoch 3/20  [==========>         ]   50 %  12.3 k/s  1:15 left  loss 0.3121 (0.3304)  "
            "accuracy 0.912");
}

TEST(ProgressLine, LeavesOutTheLastPartsOnNarrowTerminals) {
  EXPECT_EQ(progress_line(half_way(), 60, false), "epoch 3/20  [==========>         ]   50 %  12.3 k/s");
  EXPECT_EQ(progress_line(half_way(), 11, false), "epoch 3/20");
  EXPECT_EQ(progress_line(half_way(), 10, false), "");
  EXPECT_EQ(progress_line(half_way(), 0, false), "");
}

TEST(ProgressLine, NeverFillsTheLastColumn) {
  for (const bool unicode : {false, true}) {
    for (int columns = 1; columns < 130; ++columns) {
      EXPECT_LT(columns_of(progress_line(half_way(), columns, unicode)), static_cast<std::size_t>(columns));
    }
  }
}

TEST(ProgressLine, UnicodeBarHasTwentyColumnsAtEveryFraction) {
  ProgressState state{.label = "", .total = 160, .seconds_left = -1};
  for (state.done = 0; state.done <= state.total; ++state.done) {
    const std::string line = progress_line(state, 33, true);  // bar and percentage, no more
    EXPECT_EQ(columns_of(line), 31u) << state.done;
  }
}

TEST(ProgressLine, StandsCountsBeyondTheTotal) {
  ProgressState state{.label = "e", .done = 3, .total = 2, .seconds_left = -1};
  EXPECT_NE(progress_line(state, 80, false).find("[====================]  100 %"), std::string::npos);
  state.total = 0;
  EXPECT_NE(progress_line(state, 80, false).find("  0 %"), std::string::npos);
}

struct Screen {
  std::vector<std::string> written;
  double time = 0;
  ProgressBar bar{{.write = [this](std::string_view text) { written.emplace_back(text); },
                   .now = [this] { return time; },
                   .columns = [] { return 80; },
                   .unicode = false}};
};

TEST(ProgressBar, DrawsAtMostTwentyTimesASecond) {
  Screen screen;
  for (int i = 0; i < 1000; ++i) {
    screen.time = i / 1000.0;
    screen.bar.update(half_way());
  }
  EXPECT_GE(screen.written.size(), 18u);
  EXPECT_LE(screen.written.size(), 20u);
}

TEST(ProgressBar, ClearsOnlyWhatItDrew) {
  Screen screen;
  screen.bar.clear();
  EXPECT_TRUE(screen.written.empty());
  screen.bar.update(half_way());
  screen.bar.clear();
  screen.bar.clear();
  ASSERT_EQ(screen.written.size(), 2u);
  EXPECT_EQ(screen.written[0].substr(0, 14), "\r\x1b[Kepoch 3/20");
  EXPECT_EQ(screen.written[1], "\r\x1b[K");
}

}  // namespace
}  // namespace gradus::cli
