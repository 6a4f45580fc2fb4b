#include "compiler/rewrite.h"

#include "base/check.h"

namespace gradus {

bool has_effect(const Node& node) { return node.op->kind == OpDef::state && !node.in.empty(); }

Values copy_node(Graph& target, const Node& node, const Values& in) {
  const Graph::Path path(target, node.scope);
  Values values = target.add_all(*node.op, node.attrs, in);
  if (!node.name.empty()) values[0].named(node.name);
  return values;
}

Graph rewrite(const Graph& graph, const Rewrite& rule) {
  Graph target;
  std::vector<Values> mapped(graph.nodes().size());
  const auto at = [&](const Value& value) {
    const Values& values = mapped[static_cast<std::size_t>(value.node_id())];
    GRADUS_CHECK(!values.empty());
    return values[static_cast<std::size_t>(value.output())];
  };
  for (const Node& node : graph.nodes()) {
    Values in;
    bool complete = true;
    for (const Value& value : node.in) {
      complete = complete && !mapped[static_cast<std::size_t>(value.node_id())].empty();
      if (complete) in.push_back(at(value));
    }
    if (complete) mapped[static_cast<std::size_t>(node.id)] = rule(target, node, in);
  }
  for (const auto& [name, value] : graph.outputs()) target.output(at(value), name);
  return target;
}

}  // namespace gradus
