// Elementwise ops that hang together become one node, which passes over its arrays once.
#pragma once

#include <functional>

#include "compiler/fused.h"

namespace gradus {

// What the kernels can do.
struct FuseRules {
  std::function<bool(const FusedBody&)> accepts;  // as one node
  std::function<bool(const Node&)> cheap;         // rather done again than its result read from memory
};

// Needs no more than once the memory of any array: what is cheap is done again where that saves a pass.
Graph fuse(const Graph& graph, const FuseRules& rules);

}  // namespace gradus
