#include "base/check.h"

#include <stdexcept>

#include "support/expect_error.h"

namespace gradus {
namespace {

TEST(Require, PassesSilentlyOrThrowsWithTheFault) {
  EXPECT_NO_THROW(require(true, "never {}", 1));
  expect_error([] { require(false, "op: {} was needed, {} was given.", 1, 2); }, Fault::model,
               "op: 1 was needed, 2 was given.");
  expect_error([] { require(Fault::data, false, "row {} is short.", 3); }, Fault::data, "row 3 is short.");
  expect_error([] { fail(Fault::usage, "no flag '{}'.", "x"); }, Fault::usage, "no flag 'x'.");
}

TEST(Check, NamesTheConditionAndAsksForAReport) {
  EXPECT_NO_THROW(GRADUS_CHECK(1 + 1 == 2));
  try {
    GRADUS_CHECK(1 + 1 == 3);
    ADD_FAILURE() << "a broken invariant passed";
  } catch (const std::logic_error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("internal error: 1 + 1 == 3 does not hold ("), std::string::npos) << message;
    EXPECT_NE(message.find("check_test.cpp:"), std::string::npos) << message;
    EXPECT_NE(message.find("Please report this."), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace gradus
