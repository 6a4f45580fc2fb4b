#include <fmt/core.h>

#include <map>

#include "gradus/op_def.h"
#include "graph/print.h"

namespace gradus {

namespace {

std::string escaped(std::string_view raw) {
  std::string result;
  for (const char c : raw) {
    if (c == '"' || c == '\\') result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result;
}

// Where data comes from and where state lives stands out; the rest is told apart by the op's name.
std::string_view style(const OpDef& op) {
  switch (op.kind) {
    case OpDef::input:
      return "shape=ellipse, fillcolor=lightblue";
    case OpDef::constant:
      return "shape=ellipse, fillcolor=white";
    case OpDef::state:
      return "shape=box, fillcolor=lightyellow";
    case OpDef::contraction:
      return "shape=box, fillcolor=lightpink";
    case OpDef::random:
      return "shape=box, fillcolor=lavender";
    default:
      return "shape=box, fillcolor=whitesmoke";
  }
}

std::string node_line(const Node& node) {
  const std::string label =
      node.name.empty() ? escaped(node.op->name) : escaped(node.op->name) + "\\n" + escaped(node.name);
  return fmt::format("n{} [label=\"{}\", {}];\n", node.id, label, style(*node.op));
}

}  // namespace

std::string print_dot(const Graph& graph) {
  std::string result = "digraph gradus {\n  node [style=filled];\n";
  std::map<std::string, std::string> boxes;
  for (const Node& node : graph.nodes()) {
    if (node.scope.empty())
      result += "  " + node_line(node);
    else
      boxes[node.scope] += "    " + node_line(node);
  }
  int number = 0;
  for (const auto& [scope, lines] : boxes) {
    result +=
        fmt::format("  subgraph cluster_{} {{\n    label=\"{}\";\n{}  }}\n", number++, escaped(scope), lines);
  }
  for (const Node& node : graph.nodes()) {
    for (const Value& value : node.in) {
      result += fmt::format("  n{} -> n{} [label=\"{}\"];\n", value.node_id(), node.id, value.type().str());
    }
  }
  number = 0;
  for (const auto& [name, value] : graph.outputs()) {
    result += fmt::format("  out{} [label=\"{}\", shape=doubleoctagon, fillcolor=palegreen];\n", number,
                          escaped(name));
    result += fmt::format("  n{} -> out{} [label=\"{}\"];\n", value.node_id(), number++, value.type().str());
  }
  return result + "}\n";
}

}  // namespace gradus
