// The sentences of findings, and that the board's page knows each of them in Chinese.
#include "train/health/wording.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "train/runs.h"

namespace gradus::train {
namespace {

std::set<std::string> names_in(const std::string& text) {
  const std::regex name("\\{(\\w+)\\}");
  std::set<std::string> names;
  for (std::sregex_iterator it(text.begin(), text.end(), name), end; it != end; ++it) names.insert((*it)[1]);
  return names;
}

TEST(Wording, FillsInValues) {
  const Finding found = finding("not_finite.node", "", 3, {{"node", "exp {step}"}, {"step", "4"}});
  EXPECT_EQ(found.rule, "not_finite");
  EXPECT_EQ(found.wording, "not_finite.node");
  EXPECT_EQ(found.evidence,
            "not all numbers stayed finite: step 4: the first NaN or infinity came from exp {step}");
}

TEST(Wording, EveryOneIsThereInChineseWithTheSameValues) {
  const std::string page = read_text(GRADUS_WEB "/src/i18n/messages_zh.ts");
  for (const Wording& wording : wordings()) {
    const std::size_t at = page.find(fmt::format("\"{}\": [", wording.key));
    ASSERT_NE(at, std::string::npos) << wording.key;
    const std::string entry = page.substr(at, page.find("],\n", at) - at);
    EXPECT_EQ(names_in(entry), names_in(fmt::format("{}{}", wording.evidence, wording.remedy)))
        << wording.key;
  }
}

}  // namespace
}  // namespace gradus::train
