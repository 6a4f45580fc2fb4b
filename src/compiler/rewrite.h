// Copying a graph node by node: what every pass does, with its own idea of what to put for a node.
#pragma once

#include <functional>

#include "gradus/op_def.h"

namespace gradus {

// For each node of the old graph, in order: its values in the new graph, given its inputs there.
// An empty list drops the node (then nothing later may use it).
using Rewrite = std::function<Values(Graph& target, const Node& node, const Values& in)>;

// The node itself, copied with its name and scope.
Values copy_node(Graph& target, const Node& node, const Values& in);

Graph rewrite(const Graph& graph, const Rewrite& rule);

// True for nodes that must run for what they do: state writes.
bool has_effect(const Node& node);

}  // namespace gradus
