#include "compiler/pass.h"
#include "compiler/rewrite.h"

namespace gradus {

Graph prune(const Graph& graph) {
  std::vector<char> needed(graph.nodes().size(), 0);
  const auto need = [&](const Value& value) { needed[static_cast<std::size_t>(value.node_id())] = 1; };
  for (const auto& [name, value] : graph.outputs()) need(value);
  for (auto node = graph.nodes().rbegin(); node != graph.nodes().rend(); ++node) {
    char& keep = needed[static_cast<std::size_t>(node->id)];
    // Inputs stay: they are the program's signature.
    if (has_effect(*node) || node->op->kind == OpDef::input) keep = 1;
    if (!keep) continue;
    for (const Value& value : node->in) need(value);
  }
  return rewrite(graph, [&](Graph& target, const Node& node, const Values& in) {
    return needed[static_cast<std::size_t>(node.id)] ? copy_node(target, node, in) : Values{};
  });
}

const std::vector<Pass>& passes() {
  static const std::vector<Pass> list = {{"prune", prune}, {"fold", fold}, {"cse", cse}};
  return list;
}

}  // namespace gradus
