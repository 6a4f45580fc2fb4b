// gradus board as a program: what it prints, and how it ends.
#include "cli/program.h"

namespace gradus {
namespace {

#ifdef GRADUS_BOARD
TEST_F(Program, TheBoardTellsItsAddressAndEndsOnAnInterrupt) {
  const Outcome outcome = gradus({"board", "--port", "0", "--json", "--quiet"}, {.interrupt_after_ms = 500});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(nlohmann::json::parse(outcome.out).at("url").get<std::string>().rfind("http://127.0.0.1:", 0),
            0u);
}

TEST_F(Program, TheBoardElsewhereHasAToken) {
  const Outcome outcome = gradus({"board", "--port", "0", "--host", "0.0.0.0"}, {.interrupt_after_ms = 500});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("/?token="), std::string::npos);
}

TEST_F(Program, TheBoardNeedsAFolder) {
  const Outcome outcome = gradus({"board", "nowhere", "--port", "0"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_NE(outcome.err.find("nowhere: a folder of runs was needed"), std::string::npos);
}
#endif

}  // namespace
}  // namespace gradus
