#include <algorithm>

#include "compiler/pass.h"
#include "compiler/rewrite.h"
#include "graph/sources.h"

namespace gradus {

namespace {

// Beyond this many elements a constant is cheaper to compute from its inputs than to read from memory.
constexpr std::int64_t kLargestFolded = 1024;

const Node* find_constant_def(const Graph& graph) {
  for (const Node& node : graph.nodes()) {
    if (node.op->kind == OpDef::constant) return &node;
  }
  return nullptr;
}

// Stretches are left alone: whoever can broadcast reads the small constant instead.
bool foldable(const Node& node, const Values& in) {
  if (node.in.empty() || node.op->stretches || node.op->kind == OpDef::state ||
      node.op->kind == OpDef::random || !node.op->reference) {
    return false;
  }
  std::int64_t largest = kLargestFolded;
  for (const Value& value : in) {
    if (value.node().op->kind != OpDef::constant) return false;
    largest = std::max(largest, value.shape().size());
  }
  return std::all_of(node.out.begin(), node.out.end(), [&](const Type& type) {
    return type.shape.size() <= largest &&
           type.dtype != DType::bf16;  // constants are of what ops compute with
  });
}

Values evaluate(Graph& target, const OpDef& constant_def, const Node& node, const Values& in) {
  std::vector<Tensor> inputs, outputs;
  for (const Value& value : in) inputs.push_back(value.node().attr<ConstantOptions>().value);
  for (const Type& type : node.out) outputs.emplace_back(type);
  node.op->reference(node.attrs, inputs, outputs);
  const Graph::Path path(target, node.scope);
  Values values;
  for (const Tensor& tensor : outputs) values.push_back(target.add(constant_def, ConstantOptions{tensor}));
  return values;
}

// Some elementwise ops broadcast, others refuse shapes that differ.
bool accepts(const Node& node, const std::vector<Type>& types) {
  try {
    return node.op->infer(node.attrs, types) == node.out;
  } catch (const Error&) {
    return false;
  }
}

// Elementwise ops broadcast by themselves: a stretched input can be read unstretched, as long as the
// other inputs still give the output its shape.
Values without_stretches(const Node& node, Values in) {
  if (node.op->kind != OpDef::elementwise) return in;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const Node& source = in[i].node();
    if (!source.op->stretches) continue;
    Values trial = in;
    trial[i] = source.in[0];
    std::vector<Type> types;
    for (const Value& value : trial) types.push_back(value.type());
    if (accepts(node, types)) in = trial;
  }
  return in;
}

// What an elementwise op makes of stretched inputs and small ones alone is a stretch itself: the op takes the
// small inputs, and its result is stretched.
Values stretched_last(Graph& target, const Node& node, const Values& in) {
  if (node.op->kind != OpDef::elementwise || node.out.size() != 1) return {};
  const Node* stretch = nullptr;
  Values sources = in;
  std::vector<Type> types;
  for (Value& value : sources) {
    if (value.node().op->stretches) {
      if (value.shape() == node.out[0].shape) stretch = &value.node();
      value = value.node().in[0];
    }
    types.push_back(value.type());
  }
  if (stretch == nullptr) return {};
  try {
    const std::vector<Type> small = node.op->infer(node.attrs, types);
    if (small[0].shape.size() >= node.out[0].shape.size()) return {};
    return target.add_all(*stretch->op, stretch->attrs, copy_node(target, node, sources));
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

Graph fold(const Graph& graph) {
  const Node* constant = find_constant_def(graph);
  return rewrite(graph, [&](Graph& target, const Node& node, const Values& given) -> Values {
    if (constant != nullptr && foldable(node, given)) return evaluate(target, *constant->op, node, given);
    const Values in = without_stretches(node, given);
    if (node.op->same_as) {
      const int same = node.op->same_as(node.attrs, in);
      if (same >= 0 && in[static_cast<std::size_t>(same)].type() == node.out[0]) {
        return {in[static_cast<std::size_t>(same)]};
      }
    }
    const Values small = stretched_last(target, node, in);
    return small.empty() ? copy_node(target, node, in) : small;
  });
}

}  // namespace gradus
