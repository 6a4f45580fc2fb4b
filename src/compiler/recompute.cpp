#include "compiler/recompute.h"

#include <algorithm>
#include <limits>
#include <optional>

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
    kept_.resize(graph_.nodes().size());
    again_.resize(graph_.nodes().size());
    for (const Node& node : graph_.nodes()) {
      if (!kept_[index(node.id)].empty()) continue;  // made before its turn
      Values in;
      for (const Value& value : node.in) {
        const int maker = value.node_id();
        const bool late = node.id >= late_[index(maker)];
        if (late && again_[index(maker)].empty()) make_again(graph_.node(maker), node.id);
        in.push_back((late ? again_ : kept_)[index(maker)][index(value.output())]);
      }
      kept_[index(node.id)] = copy_node(target_, node, in);
    }
    for (const auto& [name, value] : graph_.outputs()) target_.output(kept(value), name);
    return std::move(target_);
  }

 private:
  static constexpr int kNever = std::numeric_limits<int>::max();

  const Value& kept(const Value& v) const { return kept_[index(v.node_id())][index(v.output())]; }
  Values kept(const Values& list) const {
    Values values;
    for (const Value& v : list) values.push_back(kept(v));
    return values;
  }

  // For a reader: along with a node that takes the same steps on its way to something small, if there is one.
  void make_again(const Node& node, int reader) {
    Values& made = again_[index(node.id)];
    for (const int other : users_[index(node.in[0].node_id())]) {
      if (other < reader || other >= static_cast<int>(graph_.nodes().size())) continue;
      const Node& host = graph_.node(other);
      const std::optional<FusedBody> body = with_result_of(node, host, reader);
      if (!body) continue;
      const Graph::Path path(target_, host.scope);
      Values all = target_.add_all(fused_op, FusedOptions::of(*body), kept(host.in));
      made = {all.back()};
      all.pop_back();
      kept_[index(other)] = std::move(all);
      return;
    }
    made = copy_node(target_, node, kept(node.in));
  }

  // The host's body with the node's result as one more, if it is among its steps and the host can run before
  // the reader.
  std::optional<FusedBody> with_result_of(const Node& node, const Node& host, int reader) const {
    if (node.op != &fused_op || host.op != &fused_op || !kept_[index(host.id)].empty()) return std::nullopt;
    std::size_t bytes = 0;
    for (const Type& type : host.out) bytes += type.bytes();
    if (bytes >= kLarge) return std::nullopt;  // made earlier, it would be kept for longer
    for (const Value& in : host.in) {
      if (in.node_id() >= reader || host.id >= late_[index(in.node_id())]) return std::nullopt;
    }
    const FusedBody &part = *node.attr<FusedOptions>().body, &whole = *host.attr<FusedOptions>().body;
    std::vector<int> number;  // value of the part -> of the whole
    for (const Value& in : node.in) {
      const auto found = std::find(host.in.begin(), host.in.end(), in);
      if (found == host.in.end()) return std::nullopt;
      number.push_back(static_cast<int>(found - host.in.begin()));
    }
    for (const FusedBody::Step& step : part.steps) {
      std::vector<int> in;
      for (const int value : step.in) in.push_back(number[index(value)]);
      const auto found = std::find_if(whole.steps.begin(), whole.steps.end(), [&](const FusedBody::Step& s) {
        return s.op == step.op && s.attrs == step.attrs && s.in == in;
      });
      if (found == whole.steps.end()) return std::nullopt;
      number.push_back(static_cast<int>(whole.inputs.size()) + static_cast<int>(found - whole.steps.begin()));
    }
    FusedBody body = whole;
    body.outputs.push_back(number[index(part.outputs[0])]);
    if (!rules_.accepts(body)) return std::nullopt;
    return body;
  }

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
  std::vector<Values> kept_, again_;     // [node] -> its values in the new graph
  Graph target_;
};

}  // namespace

Graph recompute(const Graph& graph, const FuseRules& rules) { return Recomputation(graph, rules).run(); }

}  // namespace gradus
