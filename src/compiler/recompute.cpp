#include "compiler/recompute.h"

#include <algorithm>
#include <limits>

#include "compiler/rewrite.h"

namespace gradus {

namespace {

constexpr std::size_t kLarge = 1 << 20;  // bytes; keeping less costs nothing worth a pass
constexpr int kWait = 32;                // nodes between two readers

std::size_t index(int i) { return static_cast<std::size_t>(i); }

class Recomputation {
 public:
  Recomputation(const Graph& graph, const FuseRules& rules)
      : graph_(graph), rules_(rules), users_(graph.nodes().size()), late_(graph.nodes().size(), kNever) {
    const int end = static_cast<int>(graph.nodes().size());
    for (const Node& node : graph.nodes())
      for (const Value& in : node.in) users_[index(in.node_id())].push_back(node.id);
    for (const auto& [name, value] : graph.outputs()) users_[index(value.node_id())].push_back(end);
  }

  Graph run() {
    for (const Node& node : graph_.nodes()) late_[index(node.id)] = first_late_reader(node);
    Graph target;
    std::vector<Values> kept(graph_.nodes().size()), again(graph_.nodes().size());
    for (const Node& node : graph_.nodes()) {
      Values in;
      for (const Value& value : node.in) {
        const int maker = value.node_id();
        Values& values = node.id >= late_[index(maker)] ? again[index(maker)] : kept[index(maker)];
        if (values.empty()) {
          const Node& repeated = graph_.node(maker);
          Values operands;
          for (const Value& operand : repeated.in)
            operands.push_back(kept[index(operand.node_id())][index(operand.output())]);
          values = copy_node(target, repeated, operands);
        }
        in.push_back(values[index(value.output())]);
      }
      kept[index(node.id)] = copy_node(target, node, in);
    }
    for (const auto& [name, value] : graph_.outputs())
      target.output(kept[index(value.node_id())][index(value.output())], name);
    return target;
  }

 private:
  static constexpr int kNever = std::numeric_limits<int>::max();

  // The reader from which on the node is made again, or kNever.
  int first_late_reader(const Node& node) const {
    if (node.out.size() != 1 || node.out[0].bytes() < kLarge || !cheap(node)) return kNever;
    const std::vector<int>& users = users_[index(node.id)];
    int late = kNever, wait = kWait;
    for (std::size_t i = 1; i < users.size(); ++i) {
      if (users[i] - users[i - 1] <= wait) continue;
      wait = users[i] - users[i - 1];
      late = users[i];
    }
    if (late == kNever || users.back() == static_cast<int>(graph_.nodes().size())) return kNever;
    const bool there = std::all_of(node.in.begin(), node.in.end(), [&](const Value& in) {
      return in.type().bytes() < kLarge || last_kept_read(in.node_id()) >= users.back();
    });
    return there ? late : kNever;
  }

  bool cheap(const Node& node) const {
    if (node.op->kind == OpDef::elementwise)
      return rules_.cheap(*node.op, node.attrs, node.in.back().dtype(), node.out[0].dtype);
    if (node.op != &fused_op) return false;
    const FusedBody& body = *node.attr<FusedOptions>().body;
    return std::all_of(body.steps.begin(), body.steps.end(), [&](const FusedBody::Step& step) {
      return step.op->kind != OpDef::reduction &&
             rules_.cheap(*step.op, step.attrs, body.type(step.in.back()).dtype, step.out.dtype);
    });
  }

  // The last reader of the array that the node made at first. Variables and inputs are always there.
  int last_kept_read(int node) const {
    if (graph_.node(node).in.empty()) return kNever;
    int last = -1;
    for (const int user : users_[index(node)])
      if (user < late_[index(node)]) last = std::max(last, user);
    return last;
  }

  const Graph& graph_;
  const FuseRules& rules_;
  std::vector<std::vector<int>> users_;  // [node], ascending
  std::vector<int> late_;                // [node] -> from this reader on it is made again
};

}  // namespace

Graph recompute(const Graph& graph, const FuseRules& rules) { return Recomputation(graph, rules).run(); }

}  // namespace gradus
