#include <algorithm>

#include "base/check.h"
#include "gradus/op_def.h"
#include "gradus/value.h"
#include "graph/sources.h"

namespace gradus {

void Value::refuse_empty() { throw Error("value: it is empty; it must come from an op or an input."); }
const Node& Value::node() const { return graph().node(node_); }
const Type& Value::type() const { return node().out[static_cast<std::size_t>(output_)]; }
const Value& Value::named(std::string name) const {
  graph().nodes_[static_cast<std::size_t>(node_)].name = std::move(name);
  return *this;
}

std::string Node::where() const {
  std::string label =
      name.empty() ? fmt::format("{} %{}", op->name, id) : fmt::format("{} '{}'", op->name, name);
  return scope.empty() ? label : fmt::format("{} in {}", label, scope);
}

Graph::Graph() = default;
Graph::~Graph() = default;
Graph::Graph(Graph&& other) noexcept
    : nodes_(std::move(other.nodes_)), outputs_(std::move(other.outputs_)), scope_(std::move(other.scope_)) {
  for (Node& node : nodes_) {
    node.graph = this;
    for (Value& value : node.in) value = Value(this, value.node_id(), value.output());
  }
  for (auto& [name, value] : outputs_) value = Value(this, value.node_id(), value.output());
}

const Node& Graph::node(int id) const {
  GRADUS_CHECK(id >= 0 && id < static_cast<int>(nodes_.size()));
  return nodes_[static_cast<std::size_t>(id)];
}

namespace {

void check_arity(const OpDef& op, std::size_t given) {
  const bool variadic = !op.inputs.empty() && op.inputs.back().ends_with("...");
  const std::size_t fixed = op.inputs.size() - (variadic ? 1 : 0);
  require(variadic ? given > fixed : given == fixed, "it takes {}{} inputs, got {}.",
          variadic ? "at least " : "", fixed + (variadic ? 1 : 0), given);
}

// Ops that were written before bf16, and those of users, need not know of it.
void refuse_bf16(const OpDef& op, std::span<const Type> types, std::string_view which) {
  if (op.takes_bf16) return;
  for (const Type& type : types)
    require(type.dtype != DType::bf16, "{} {}; this op does not take bf16. cast() to f32.", which,
            type.str());
}

}  // namespace

Values Graph::add_all(const OpDef& op, Attrs attrs, const Values& inputs) {
  Node node;
  try {
    check_arity(op, inputs.size());
    std::vector<Type> types;
    for (const Value& value : inputs) {
      require(static_cast<bool>(value), "an input is empty.");
      require(&value.graph() == this, "its inputs belong to different graphs.");
      types.push_back(value.type());
    }
    refuse_bf16(op, types, "an input is");
    node.out = op.infer(attrs, types);
    refuse_bf16(op, node.out, "its result would be");
  } catch (const Error& error) {
    const std::string place = scope_.empty() ? op.name : fmt::format("{} in {}", op.name, scope_);
    throw Error(fmt::format("{}: {}", place, error.what()), error.fault());
  }
  node.id = static_cast<int>(nodes_.size());
  node.op = &op;
  node.attrs = std::move(attrs);
  node.in = inputs;
  node.graph = this;
  node.scope = scope_;
  nodes_.push_back(std::move(node));
  Values values;
  for (std::size_t i = 0; i < nodes_.back().out.size(); ++i) {
    values.emplace_back(this, nodes_.back().id, static_cast<int>(i));
  }
  return values;
}

Value Graph::add(const OpDef& op, Attrs attrs, const Values& inputs) {
  const Values values = add_all(op, std::move(attrs), inputs);
  GRADUS_CHECK(values.size() == 1);
  return values[0];
}

void Graph::output(const Value& value, std::string name) {
  require(value && &value.graph() == this, "graph: output '{}' is no value of this graph.", name);
  outputs_.emplace_back(std::move(name), value);
}

Values Graph::inputs() const {
  Values values;
  for (const Node& node : nodes_) {
    if (node.op->kind == OpDef::input) values.emplace_back(const_cast<Graph*>(this), node.id);
  }
  return values;
}

std::vector<Variable> Graph::variables() const {
  std::vector<Variable> variables;
  for (const Node& node : nodes_) {
    if (node.op->kind != OpDef::state) continue;
    const Variable& variable = node.attr<StateOptions>().variable;
    if (std::find(variables.begin(), variables.end(), variable) == variables.end())
      variables.push_back(variable);
  }
  return variables;
}

Value Graph::find(const Variable& variable) const {
  for (const Node& node : nodes_) {
    if (node.op->kind == OpDef::state && node.in.empty() && node.attr<StateOptions>().variable == variable) {
      return Value(const_cast<Graph*>(this), node.id);
    }
  }
  return {};
}

Graph::Path::Path(Graph& graph, std::string path)
    : graph_(graph), before_(std::exchange(graph.scope_, std::move(path))) {}
Graph::Path::~Path() { graph_.scope_ = before_; }

Graph::Scope::Scope(Graph& graph, const std::string& name) : graph_(graph), before_(graph.scope_) {
  if (!name.empty()) graph.scope_ = before_.empty() ? name : before_ + "." + name;
}
Graph::Scope::~Scope() { graph_.scope_ = before_; }

}  // namespace gradus
