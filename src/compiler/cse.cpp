#include <unordered_map>

#include "compiler/pass.h"
#include "compiler/rewrite.h"

namespace gradus {

namespace {

std::size_t hash_of(const Node& node, const Values& in) {
  std::size_t h = std::hash<const void*>()(node.op) * 31 + node.attrs.hash();
  for (const Value& value : in) {
    h = h * 1000003 + static_cast<std::size_t>(value.node_id()) * 7 +
        static_cast<std::size_t>(value.output());
  }
  return h;
}

}  // namespace

Graph cse(const Graph& graph) {
  std::unordered_multimap<std::size_t, Values> seen;
  return rewrite(graph, [&](Graph& target, const Node& node, const Values& in) {
    if (has_effect(node) || node.op->kind == OpDef::input) return copy_node(target, node, in);
    const std::size_t h = hash_of(node, in);
    for (auto [entry, end] = seen.equal_range(h); entry != end; ++entry) {
      const Node& known = entry->second[0].node();
      if (known.op == node.op && known.in == in && known.attrs == node.attrs) return entry->second;
    }
    Values values = copy_node(target, node, in);
    seen.emplace(h, values);
    return values;
  });
}

}  // namespace gradus
