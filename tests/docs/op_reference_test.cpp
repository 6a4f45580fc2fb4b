// docs/ops.md is what the OpDefs say today.
#include "op_reference.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace gradus {
namespace {

TEST(OpReference, IsUpToDate) {
  std::ostringstream page;
  page << std::ifstream(GRADUS_OP_REFERENCE).rdbuf();
  EXPECT_EQ(page.str(), op_reference()) << "run: build/release/bin/write_op_reference > docs/ops.md";
}

}  // namespace
}  // namespace gradus
