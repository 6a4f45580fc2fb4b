#include "base/text.h"

#include <gtest/gtest.h>

#include <cmath>

namespace gradus {
namespace {

TEST(Text, GroupsThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(-1234), "-1,234");
  EXPECT_EQ(grouped(-123), "-123");
}

TEST(Text, BriefCountsKeepThreeDigits) {
  EXPECT_EQ(brief(0), "0");
  EXPECT_EQ(brief(999), "999");
  EXPECT_EQ(brief(999.7), "1.00 k");
  EXPECT_EQ(brief(1234), "1.23 k");
  EXPECT_EQ(brief(12.3e6), "12.3 M");
}

TEST(Text, Bytes) {
  EXPECT_EQ(bytes_text(12), "12 B");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(bytes_text(1024.0 * 1024 * 1024), "1.0 GiB");
}

TEST(Text, Durations) {
  EXPECT_EQ(duration(4.23), "4.2 s");
  EXPECT_EQ(duration(42), "42 s");
  EXPECT_EQ(duration(59.7), "1:00");
  EXPECT_EQ(duration(75), "1:15");
  EXPECT_EQ(duration(3675), "1:01:15");
  EXPECT_EQ(duration(NAN), "?");
}

TEST(Text, WrapsBetweenWords) {
  EXPECT_EQ(indented("one two three", 2, 10), "  one two\n  three\n");
  EXPECT_EQ(indented("unbreakable", 2, 5), "  unbreakable\n");
}

TEST(Text, ColumnsCountCharacters) {
  EXPECT_EQ(columns_of("abc"), 3u);
  EXPECT_EQ(columns_of("ä█"), 2u);
}

TEST(Text, TableAlignsNumbersRight) {
  TextTable table({{"name"}, {"count", TextTable::Align::right}});
  table.row({"long name", "1"});
  table.row({"b", "1,000"});
  table.rule();
  table.row({"", "1,001"});
  EXPECT_EQ(table.str(),
            "  name       count\n"
            "  ---------  -----\n"
            "  long name      1\n"
            "  b          1,000\n"
            "  ---------  -----\n"
            "             1,001\n");
}

}  // namespace
}  // namespace gradus
