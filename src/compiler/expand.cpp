// Ops that can be put as simpler ones which fuse with their surroundings are.
#include "compiler/pass.h"
#include "compiler/rewrite.h"

namespace gradus {

Graph expand(const Graph& graph) {
  return rewrite(graph, [](Graph& target, const Node& node, const Values& in) {
    if (node.op->expand) {
      const Graph::Path path(target, node.scope);
      const Values parts = node.op->expand(node, in);
      if (!parts.empty()) return parts;
    }
    return copy_node(target, node, in);
  });
}

}  // namespace gradus
