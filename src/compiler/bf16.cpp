#include "compiler/bf16.h"

#include <algorithm>
#include <vector>

#include "compiler/rewrite.h"

namespace gradus {

namespace {

class Narrowing {
 public:
  Narrowing(const Graph& graph, Value (*cast)(const Value&, DType))
      : graph_(graph), cast_(cast), forms_(graph.nodes().size()), factor_(graph.nodes().size()) {
    for (const Node& node : graph.nodes()) {
      forms_[index(node.id)].resize(node.out.size());
      factor_[index(node.id)].resize(node.out.size(), false);
      if (!narrows(node)) continue;
      for (const Value& in : node.in) factor_[index(in.node_id())][index(in.output())] = true;
    }
    for (const auto& [name, value] : graph.outputs())
      factor_[index(value.node_id())][index(value.output())] = false;
  }

  Graph run() && {
    for (const Node& node : graph_.nodes()) {
      const Graph::Path path(target_, node.scope);
      Values in;
      for (const Value& value : node.in) in.push_back(operand(node, value));
      const Values out = copy_node(target_, node, in);
      for (std::size_t i = 0; i < out.size(); ++i) store(node, i, out[i]);
    }
    for (const auto& [name, value] : graph_.outputs()) target_.output(forms(value).wide, name);
    return std::move(target_);
  }

 private:
  // What stands for a value of the old graph: as it was, and rounded.
  struct Forms {
    Value wide, narrow;
    bool rounded = false;  // wide holds no more than narrow
  };

  static std::size_t index(int i) { return static_cast<std::size_t>(i); }
  Forms& forms(const Value& old) { return forms_[index(old.node_id())][index(old.output())]; }

  static bool narrows(const Node& node) {
    if (node.op->kind != OpDef::contraction || !node.op->takes_bf16) return false;
    for (const Value& in : node.in)
      if (in.dtype() != DType::f32) return false;
    return true;
  }

  // Ops that take bf16 do so where that is all there is: statistics, and copies, whose results are bf16
  // again.
  bool reads_narrow(const Node& node) {
    if (!node.op->takes_bf16 || node.op->kind == OpDef::elementwise) return false;
    return std::all_of(node.in.begin(), node.in.end(), [&](const Value& in) { return forms(in).rounded; });
  }

  Value operand(const Node& node, const Value& old) {
    Forms& f = forms(old);
    if (!narrows(node)) return reads_narrow(node) ? f.narrow : f.wide;
    if (!f.narrow) f.narrow = cast_(f.wide, DType::bf16);
    return f.narrow;
  }

  void store(const Node& node, std::size_t i, const Value& made) {
    Forms& f = forms_[index(node.id)][i];
    const bool is_source = node.in.empty();
    if (made.dtype() != node.out[i].dtype)
      f.narrow = made;
    else if (made.dtype() == DType::f32 && factor_[index(node.id)][i] && !is_source)
      f.narrow = cast_(made, DType::bf16);
    f.rounded = static_cast<bool>(f.narrow);
    f.wide = f.rounded ? cast_(f.narrow, node.out[i].dtype) : made;
  }

  const Graph& graph_;
  Value (*cast_)(const Value&, DType);
  std::vector<std::vector<Forms>> forms_;  // of each node's outputs
  std::vector<std::vector<bool>> factor_;  // whether a contraction reads it and nobody outside does
  Graph target_;
};

}  // namespace

Graph to_bf16(const Graph& graph, Value (*cast)(const Value& x, DType dtype)) {
  return Narrowing(graph, cast).run();
}

}  // namespace gradus
