// Products and the elementwise work on their results as one node, so that a kernel can do that work on each
// part of the product while it is still in the cache: an epilogue, as libraries of products call it.
#pragma once

#include "compiler/fuse.h"

namespace gradus {

// Joins a product of one reader with that reader, where the rules accept it. The joined node stands where the
// product stood if what else it reads is there by then, and if nothing that comes later reads a variable it
// writes: the update of a weight comes right with its gradient. Otherwise as soon as that is so.
Graph epilogue(const Graph& graph, const FuseRules& rules);

}  // namespace gradus
