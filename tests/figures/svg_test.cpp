#include "app/figures/svg.h"

#include <gtest/gtest.h>

#include "app/figures/bars.h"
#include "app/figures/markup.h"
#include "support/markup_problem.h"

namespace gradus::figures {
namespace {

TEST(Markup, EscapesWhatWouldBeRead) {
  EXPECT_EQ(escaped("<b a=\"1\">&\x01"), "&lt;b a=&quot;1&quot;&gt;&amp; ");
  EXPECT_EQ(escaped("größer"), "größer");
}

TEST(Markup, TheCheckOfTheTestsBites) {
  EXPECT_EQ(markup_problem("<a b=\"1\"><c/>x &amp; y</a>", false), "");
  for (const char* bad : {"<a>", "</a>", "<a></b>", "<a b=1></a>", "<a b=\"1\"c=\"2\"/>",
                          "<a b=\"1\" b=\"2\"/>", "a & b", "<a", "<a>1 > 0</a>", "<p><br></p>"})
    EXPECT_NE(markup_problem(bad, false), "") << bad;
  EXPECT_EQ(markup_problem("<!DOCTYPE html><p>a<br>b</p>", true), "");
}

TEST(Svg, AFileBringsItsStyle) {
  const Figure figure{
      .name = "f", .title = "<&\">", .width = 10, .height = 20, .body = svg_text(1, 2, "<x>")};
  EXPECT_EQ(markup_problem(svg_file(figure), false), "");
  EXPECT_NE(svg_file(figure).find("<style>"), std::string::npos);
  EXPECT_EQ(inline_svg(figure).find("<style>"), std::string::npos);
}

TEST(Svg, CutsBetweenCharacters) {
  EXPECT_EQ(cut("abcdef", 6), "abcdef");
  EXPECT_EQ(cut("abcdefg", 6), "abc...");
  EXPECT_EQ(cut("ääääääää", 6), "äää...");
}

TEST(Bars, TakeNothingAndOneValue) {
  const Figure figure = drawn("h", "H",
                              {{.title = "<w>",
                                .panels = {{.label = "none", .low = 0, .high = 0, .counts = {}},
                                           {.label = "one", .low = 2, .high = 2, .counts = {5, 0}}}}});
  EXPECT_EQ(markup_problem(svg_file(figure), false), "");
  EXPECT_NE(figure.body.find("no finite numbers"), std::string::npos);
  EXPECT_NE(figure.body.find("2 to 2: 5"), std::string::npos);
}

}  // namespace
}  // namespace gradus::figures
