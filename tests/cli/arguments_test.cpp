#include "app/cli/arguments.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace gradus::cli {
namespace {

struct Call {
  Arguments arguments{"verb", "does it"};
  std::string dir;
  std::optional<std::string> out, dump;
  std::vector<std::string> inputs;
  bool quiet = false;

  Call() {
    arguments.positional(dir, "DIR", "A folder");
    arguments.value(out, {"--out", "FILE", "Where to", "here"});
    arguments.values(inputs, {"--input", "FILE", "What", ""});
    arguments.optional_value(dump, {"--dump", "[=WHEN]", "Shows", ""}, "start");
    arguments.flag(quiet, "-q,--quiet", "Says less");
  }
};

TEST(Arguments, ReadsValuesInBothForms) {
  Call call;
  EXPECT_TRUE(call.arguments.parse({"--out=a", "folder", "--input", "x", "--input", "y", "-q"}));
  EXPECT_EQ(call.dir, "folder");
  EXPECT_EQ(call.out, "a");
  EXPECT_EQ(call.inputs, (std::vector<std::string>{"x", "y"}));
  EXPECT_TRUE(call.quiet);
  EXPECT_FALSE(call.dump);
}

TEST(Arguments, AnInputLeavesTheNextWordAlone) {
  Call call;
  EXPECT_TRUE(call.arguments.parse({"--input", "x", "folder"}));
  EXPECT_EQ(call.dir, "folder");
  EXPECT_EQ(call.inputs, std::vector<std::string>{"x"});
}

TEST(Arguments, OptionalValuesTakeNoFollowingWord) {
  Call call;
  EXPECT_TRUE(call.arguments.parse({"--dump", "folder"}));
  EXPECT_EQ(call.dump, "start");
  EXPECT_EQ(call.dir, "folder");
  Call other;
  EXPECT_TRUE(other.arguments.parse({"--dump=after", "folder"}));
  EXPECT_EQ(other.dump, "after");
}

TEST(Arguments, NegativeNumbersAreValues) {
  Call call;
  EXPECT_TRUE(call.arguments.parse({"folder", "--out", "-1"}));
  EXPECT_EQ(call.out, "-1");
}

TEST(Arguments, Refusals) {
  const auto refuses = [](const std::vector<std::string>& words, const std::string& message) {
    Call call;
    expect_error([&] { call.arguments.parse(words); }, Fault::usage, "verb: " + message);
  };
  refuses({}, "DIR was needed, it was not given.");
  refuses({"d", "--ouf", "x"}, "there is no flag '--ouf'. Did you mean '--out'?");
  refuses({"d", "--ouf=x"}, "there is no flag '--ouf'. Did you mean '--out'?");
  refuses({"d", "-z"}, "there is no flag '-z'.");
  refuses({"d", "e"}, "'e' was not expected.");
  refuses({"d", "--out", "--quiet"}, "--out needs a value, the flag '--quiet' follows it.");
}

TEST(Arguments, HelpShowsGroupsAndDefaults) {
  Call call;
  EXPECT_FALSE(call.arguments.parse({"--help"}));
  const std::string help = call.arguments.help();
  EXPECT_NE(help.find("Usage: gradus verb"), std::string::npos) << help;
  EXPECT_NE(help.find("  --out FILE                      Where to (here)\n"), std::string::npos) << help;
}

}  // namespace
}  // namespace gradus::cli
