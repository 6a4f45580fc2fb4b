// Elementwise ops that hang together become one node, which passes over its arrays once.
#pragma once

#include <functional>

#include "compiler/fused.h"

namespace gradus {

// What the kernels can do.
struct FuseRules {
  std::function<bool(const FusedBody&)> accepts;  // as one node
  // Whether an elementwise op is rather done again than its result read from memory.
  std::function<bool(const OpDef&, const Attrs&, DType in, DType out)> cheap;
  // A contraction, the first step, and elementwise steps on its result as one node.
  std::function<bool(const FusedBody&)> accepts_product;
};

// Merges what may be merged, without making anything wait for itself; then does cheap work again where that
// costs less memory traffic than storing it.
Graph fuse(const Graph& graph, const FuseRules& rules);

}  // namespace gradus
