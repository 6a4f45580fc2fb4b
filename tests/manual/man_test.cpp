// Man pages say what --help says, and roff has nothing against them.
#include "app/manual/man.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "app/cli/verb.h"
#include "manual/shell.h"

namespace gradus::manual {
namespace {

// Text as a reader sees it: without roff's marks.
std::string plain(std::string text) {
  for (const auto& [mark, character] : {std::pair<std::string, std::string>{"\\-", "-"},
                                        {"\\fB", ""},
                                        {"\\fI", ""},
                                        {"\\fR", ""},
                                        {"\\&", ""},
                                        {"\\(aq", "'"},
                                        {"\\(ti", "~"},
                                        {"\\(ha", "^"},
                                        {"\\e", "\\"}}) {
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += character.size())
      text.replace(at, mark.size(), character);
  }
  return text;
}

std::string words_of_help(const cli::VerbInfo& info) {
  cli::Arguments arguments(info.name, info.summary);
  const std::unique_ptr<cli::Verb> verb = info.make();
  verb->define(arguments);
  return arguments.help();
}

// The entries of help: lines that begin with two spaces and a name.
std::vector<std::string> entries(const std::string& help) {
  std::vector<std::string> found;
  std::size_t at = help.find("\n\n");
  const std::size_t end = help.find("\nExamples:");
  for (std::size_t next = 0; at < end; at = next) {
    next = std::min(help.find('\n', at + 1), help.size());
    const std::string line = help.substr(at + 1, next - at - 1);
    if (line.size() < 3 || line.substr(0, 2) != "  " || line[2] == ' ') continue;
    found.push_back(line.substr(2, line.find("  ", 2) - 2));
  }
  return found;
}

TEST(Man, EveryEntryOfHelpIsAnEntry) {
  const std::vector<VerbPage> pages = verb_pages();
  ASSERT_EQ(pages.size(), cli::verbs().size());
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const std::vector<std::string> wanted = entries(words_of_help(cli::verbs()[i]));
    ASSERT_GE(wanted.size(), 2u) << pages[i].name;
    const std::string page = plain(man_page(pages[i]));
    std::size_t tags = 0;
    for (std::size_t at = 0; (at = page.find(".TP\n", at)) != std::string::npos; ++at) ++tags;
    EXPECT_EQ(tags, wanted.size()) << pages[i].name;
    for (const std::string& entry : wanted)
      EXPECT_NE(page.find(".TP\n" + entry + "\n"), std::string::npos) << pages[i].name << ": " << entry;
    for (const std::string& example : pages[i].examples)
      EXPECT_NE(page.find("\n" + example + "\n"), std::string::npos) << example;
  }
}

TEST(Man, TheOverviewNamesEveryVerb) {
  const std::vector<VerbPage> pages = verb_pages();
  const std::string text = plain(man_overview(pages));
  for (const VerbPage& page : pages) {
    EXPECT_NE(text.find(".TP\n" + page.name + "\n" + page.summary + "\n"), std::string::npos) << page.name;
    EXPECT_NE(text.find(man_name(page) + "(1)"), std::string::npos) << page.name;
  }
}

TEST(Man, TextIsNeverARequest) {
  const VerbPage page = {
      "odd", "a 'summary'", {{{"--x"}, "A\\B", ".TH is 'text'", "", "G", {}, false}}, {"'x' ~ ^"}};
  const std::string text = man_page(page);
  EXPECT_NE(text.find("\n\\&.TH is \\(aqtext\\(aq\n"), std::string::npos) << text;
  EXPECT_NE(text.find("A\\eB"), std::string::npos) << text;
  EXPECT_NE(text.find("\n\\&\\(aqx\\(aq \\(ti \\(ha\n"), std::string::npos) << text;
}

TEST(Man, RoffFindsNoFault) {
  if (!ShellFolder::there_is("groff")) GTEST_SKIP() << "groff is not installed";
  const ShellFolder folder;
  const std::vector<VerbPage> pages = verb_pages();
  folder.write("gradus.1", man_overview(pages));
  for (const VerbPage& page : pages) folder.write(man_name(page) + ".1", man_page(page));
  const ShellResult result = folder.run("for page in *.1; do groff -ww -man -k -Tutf8 -z $page; done");
  EXPECT_EQ(result.out, "");
  folder.write("bad.1", man_overview(pages) + ".NOSUCH\n");
  EXPECT_NE(folder.run("groff -ww -man -k -Tutf8 -z bad.1").out, "");
}

}  // namespace
}  // namespace gradus::manual
