#include "graph/verify.h"

#include <stdexcept>

#include "base/check.h"
#include "graph/sources.h"

namespace gradus {

namespace {

// Called where something is wrong only: naming nodes takes longer than looking at them.
template <class... Args>
[[noreturn]] void illegal(fmt::format_string<Args...> format, Args&&... args) {
  throw std::logic_error("illegal graph: " + fmt::format(format, std::forward<Args>(args)...));
}

// Whether the value is an output of one of the first `nodes` nodes.
bool exists(const Graph& graph, const Value& value, int nodes) {
  return value && &value.graph() == &graph && value.node_id() >= 0 && value.node_id() < nodes &&
         value.output() >= 0 && value.output() < static_cast<int>(graph.node(value.node_id()).out.size());
}

std::string list_types(const std::vector<Type>& types) {
  std::string text;
  for (const Type& type : types) text += (text.empty() ? "" : ", ") + type.str();
  return text;
}

void verify_types(const Node& node) {
  std::vector<Type> in, expected;
  for (const Value& value : node.in) in.push_back(value.type());
  try {
    expected = node.op->infer(node.attrs, in);
  } catch (const Error& error) {
    illegal("{}: its shape rule refuses its inputs: {}", node.where(), error.what());
  }
  if (node.out != expected)
    illegal("{}: it has the type {}, its shape rule gives {}.", node.where(), list_types(node.out),
            list_types(expected));
}

}  // namespace

void verify(const Graph& graph) {
  const int count = static_cast<int>(graph.nodes().size());
  std::vector<std::pair<Variable, int>> written;
  for (int id = 0; id < count; ++id) {
    const Node& node = graph.node(id);
    if (node.op == nullptr) illegal("node {}: it has no op.", id);
    if (node.id != id)
      illegal("{}: it is number {} in the list but has the id {}.", node.where(), id, node.id);
    if (node.graph != &graph) illegal("{}: it belongs to another graph.", node.where());
    for (std::size_t i = 0; i < node.in.size(); ++i) {
      if (!exists(graph, node.in[i], id))
        illegal("{}: input {} is no output of an earlier node.", node.where(), i);
    }
    verify_types(node);
    if (node.op->kind != OpDef::state || node.in.empty()) continue;
    const Variable& variable = node.attr<StateOptions>().variable;
    for (const auto& [other, by] : written) {
      if (other == variable)
        illegal("{}: variable '{}' is written by {} already.", node.where(), variable.name(),
                graph.node(by).where());
    }
    written.emplace_back(variable, id);
  }
  for (const auto& [name, value] : graph.outputs()) {
    if (!exists(graph, value, count)) illegal("output '{}' is no output of a node.", name);
  }
}

}  // namespace gradus
