// Refusals in tests: the exact message and whose fault it is.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "gradus/error.h"

namespace gradus {

template <class F>
void expect_error(F&& f, Fault fault, const std::string& message) {
  try {
    f();
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), message);
    EXPECT_EQ(error.fault(), fault) << message;
    return;
  }
  ADD_FAILURE() << "no Error was thrown; expected: " << message;
}

}  // namespace gradus
