// docs/layers.md is what the LayerDefs say today.
#include "layer_reference.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace gradus {
namespace {

TEST(LayerReference, IsUpToDate) {
  std::ostringstream page;
  page << std::ifstream(GRADUS_LAYER_REFERENCE).rdbuf();
  EXPECT_EQ(page.str(), layer_reference()) << "run: build/release/bin/write_layer_reference > docs/layers.md";
}

}  // namespace
}  // namespace gradus
