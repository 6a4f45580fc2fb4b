// Results that are cheap to make and wait long to be read again are made again instead of kept.
#pragma once

#include "compiler/fuse.h"

namespace gradus {

// After `fuse`. A node is repeated before its late readers if all the arrays it reads are there then anyway,
// so that its own array need not be. The bits stay the same.
Graph recompute(const Graph& graph, const FuseRules& rules);

}  // namespace gradus
