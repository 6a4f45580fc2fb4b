// What a legal graph is, as code: run after every pass.
#pragma once

#include "gradus/value.h"

namespace gradus {

// Throws std::logic_error that names the node unless
// - node i has id i, an op, and belongs to this graph;
// - its inputs are outputs of earlier nodes of this graph;
// - its types are those the op's shape rule gives for its inputs;
// - no variable is written twice;
// - the graph's outputs are outputs of its nodes.
void verify(const Graph& graph);

}  // namespace gradus
