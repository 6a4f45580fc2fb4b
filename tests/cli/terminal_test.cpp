// What changes when standard error is a terminal.
#include "cli/program.h"

namespace gradus {
namespace {

class TerminalTest : public Program {
 protected:
  Outcome train(CallOptions options) {
    options.terminal = true;
    return gradus({"train", "--data", "make_moons:n_samples=4000", "--epochs", "3", "--batch-size", "8",
                   "--threads", "1", "--val-split", "0.2"},
                  options);
  }
};

TEST_F(TerminalTest, ABarIsDrawnAndTakenAway) {
  const Outcome outcome = train({});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("\r\x1b[Kepoch 1/3  ▕"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("\r\x1b[K"
                             "epoch 1/3  loss "),
            std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find("\x1b[32mbest\x1b[0m"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos);
}

TEST_F(TerminalTest, NoColorRemovesColoursOnly) {
  const Outcome outcome = train({.environment = {{"NO_COLOR", "1"}}});
  EXPECT_NE(outcome.err.find("\r\x1b[Kepoch 1/3  ▕"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("\x1b[3"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("  best\r\n"), std::string::npos) << outcome.err;
}

TEST_F(TerminalTest, AnEmptyNoColorMeansNothing) {
  EXPECT_NE(train({.environment = {{"NO_COLOR", ""}}}).err.find("\x1b[32m"), std::string::npos);
}

TEST_F(TerminalTest, DumbTerminalsGetPlainLines) {
  const Outcome outcome = train({.environment = {{"TERM", "dumb"}}});
  EXPECT_EQ(outcome.err.find('\x1b'), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("\nepoch 3/3  loss "), std::string::npos) << outcome.err;
}

TEST_F(TerminalTest, OtherLocalesGetAsciiBars) {
  const Outcome outcome = train({.environment = {{"LC_ALL", "C"}}});
  EXPECT_NE(outcome.err.find("\r\x1b[Kepoch 1/3  ["), std::string::npos) << outcome.err;
}

TEST_F(TerminalTest, ErrorsAreRedUnlessToldOtherwise) {
  EXPECT_NE(gradus({"eval", "none"}, {.terminal = true}).err.find("gradus: \x1b[1;31merror:\x1b[0m none"),
            std::string::npos);
  EXPECT_EQ(gradus({"eval", "none"}, {.environment = {{"NO_COLOR", "1"}}, .terminal = true}).err.find('\x1b'),
            std::string::npos);
}

}  // namespace
}  // namespace gradus
