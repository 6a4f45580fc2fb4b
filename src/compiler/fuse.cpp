#include "compiler/fuse.h"

#include <algorithm>
#include <map>
#include <queue>
#include <set>

#include "base/check.h"
#include "compiler/rewrite.h"

namespace gradus {

namespace {

using Ids = std::vector<int>;  // of nodes, ascending

std::size_t index(int i) { return static_cast<std::size_t>(i); }
bool contains(const Ids& ids, int id) { return std::binary_search(ids.begin(), ids.end(), id); }

Ids joined(const Ids& a, const Ids& b) {
  Ids all;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
  return all;
}

// Nodes are put into clusters, each of which becomes one node. A cluster's nodes are its own; the steps it
// carries out may also repeat nodes of others.
class Fusion {
 public:
  Fusion(const Graph& graph, const FuseRules& rules)
      : graph_(graph), rules_(rules), cluster_(graph.nodes().size()), users_(graph.nodes().size()) {
    for (const Node& node : graph.nodes()) {
      cluster_[index(node.id)] = node.id;
      clusters_.push_back({node.id});
      reach_.push_back(node.id);
      visited_.push_back(0);
      fusible_.push_back(is_fusible(node));
      for (const Value& in : node.in) {
        Ids& users = users_[index(in.node_id())];
        if (users.empty() || users.back() != node.id) users.push_back(node.id);
      }
    }
    for (const auto& [name, value] : graph.outputs()) shown_.insert(value.node_id());
  }

  Graph run() && {
    for (const Node& node : graph_.nodes()) {
      int& reach = reach_[index(node.id)];
      for (const Value& in : node.in) reach = std::max(reach, reach_[index(cluster_[index(in.node_id())])]);
      if (!fusible_[index(node.id)]) continue;
      for (const Value& in : node.in) {
        if (node.op->kind == OpDef::movement && !only_moved(in.node_id())) continue;
        try_merge(cluster_[index(in.node_id())], cluster_[index(node.id)]);
      }
    }
    steps_ = clusters_;
    for (const Node& node : graph_.nodes()) doers_.push_back({cluster_[index(node.id)]});
    for (int round = 0; round < 2; ++round) {  // what was done again may let more be done again
      for (auto node = graph_.nodes().rbegin(); node != graph_.nodes().rend(); ++node) repeat_in_users(*node);
    }
    return emit();
  }

 private:
  bool is_fusible(const Node& node) const {
    const bool kind = node.op->kind == OpDef::elementwise || node.op->kind == OpDef::reduction ||
                      node.op->kind == OpDef::movement;
    return kind && node.out.size() == 1 && rules_.accepts(body_of({node.id}, {node.id}));
  }
  // Whether the node's result need not be stored if those that move parts of it get them at once: whoever
  // else reads it does so within its cluster.
  bool only_moved(int node) const {
    const Ids& users = users_[index(node)];
    return !shown_.contains(node) && std::all_of(users.begin(), users.end(), [&](int user) {
      return graph_.node(user).op->kind == OpDef::movement || cluster_[index(user)] == cluster_[index(node)];
    });
  }
  bool is_reduction(int node) const { return graph_.node(node).op->kind == OpDef::reduction; }

  // The body that carries out `steps` for the values of `outputs`; operands[i] is what its input i is.
  FusedBody body_of(const Ids& steps, const Ids& outputs, Values* operands = nullptr) const {
    FusedBody body;
    std::map<std::pair<int, int>, int> number;  // of a value
    const auto key = [](const Value& v) { return std::pair(v.node_id(), v.output()); };
    for (const int id : steps) {
      for (const Value& in : graph_.node(id).in) {
        if (contains(steps, in.node_id()) || number.contains(key(in))) continue;
        number[key(in)] = static_cast<int>(body.inputs.size());
        body.inputs.push_back(in.type());
        if (operands != nullptr) operands->push_back(in);
      }
    }
    for (const int id : steps) {
      const Node& node = graph_.node(id);
      FusedBody::Step step{node.op, node.attrs, {}, node.out[0], {}};
      if (operands != nullptr) step.where = node.where();  // the final body, not one on trial
      for (const Value& in : node.in) step.in.push_back(number.at(key(in)));
      number[{id, 0}] = static_cast<int>(body.inputs.size() + body.steps.size());
      body.steps.push_back(std::move(step));
    }
    for (const int id : outputs) body.outputs.push_back(number.at({id, 0}));
    return body;
  }

  // ---- clusters

  void try_merge(int a, int b) {
    if (a == b || !fusible_[index(clusters_[index(a)][0])]) return;
    const Ids all = joined(clusters_[index(a)], clusters_[index(b)]);
    for (const int id : all) {
      for (const Value& in : graph_.node(id).in) {
        if (is_reduction(in.node_id()) && contains(all, in.node_id())) return;  // it is known at the end only
      }
    }
    if (!rules_.accepts(body_of(all, all)) || leads_back(all)) return;
    for (const int id : clusters_[index(a)]) cluster_[index(id)] = b;
    clusters_[index(b)] = all;
    clusters_[index(a)].clear();
    reach_[index(b)] = std::max(reach_[index(a)], reach_[index(b)]);
    pass_on_reach(b);
  }

  void pass_on_reach(int cluster) {
    std::vector<int> open = {cluster};
    while (!open.empty()) {
      const int from = open.back();
      open.pop_back();
      for (const int id : clusters_[index(from)]) {
        for (const int user : users_[index(id)]) {
          const int to = cluster_[index(user)];
          if (reach_[index(to)] >= reach_[index(from)]) continue;
          reach_[index(to)] = reach_[index(from)];
          open.push_back(to);
        }
      }
    }
  }

  // Whether the nodes read something outside that depends on one of them.
  bool leads_back(const Ids& nodes) {
    ++visit_;
    std::vector<int> open;  // clusters outside that the nodes depend on
    const auto look_at_inputs = [&](int id) {
      bool back = false;
      for (const Value& in : graph_.node(id).in) {
        const int from = cluster_[index(in.node_id())];
        back = back || contains(nodes, in.node_id());
        if (contains(nodes, in.node_id()) || visited_[index(from)] == visit_) continue;
        visited_[index(from)] = visit_;
        if (reach_[index(from)] >= nodes.front()) open.push_back(from);
      }
      return back;
    };
    for (const int id : nodes) look_at_inputs(id);
    while (!open.empty()) {
      const int cluster = open.back();
      open.pop_back();
      for (const int id : clusters_[index(cluster)])
        if (look_at_inputs(id)) return true;
    }
    return false;
  }

  // ---- doing cheap work again

  // The node's cheap ancestors among the steps of its cluster, and itself; empty if one of them is not cheap.
  Ids cone(const Node& node) const {
    const Ids& mates = steps_[index(cluster_[index(node.id)])];
    std::set<int> found;
    std::vector<int> open = {node.id};
    while (!open.empty()) {
      const int id = open.back();
      open.pop_back();
      if (!found.insert(id).second) continue;
      const Node& step = graph_.node(id);
      if (!rules_.cheap(*step.op, step.attrs, step.in.back().dtype(), step.out[0].dtype)) return {};
      for (const Value& in : step.in)
        if (contains(mates, in.node_id())) open.push_back(in.node_id());
    }
    return {found.begin(), found.end()};
  }

  // Of the arrays that the steps read.
  std::size_t bytes_read(const Ids& steps) const {
    std::set<std::pair<int, int>> arrays;
    std::size_t bytes = 0;
    for (const int id : steps) {
      for (const Value& in : graph_.node(id).in) {
        if (!contains(steps, in.node_id()) && arrays.insert({in.node_id(), in.output()}).second)
          bytes += in.type().bytes();
      }
    }
    return bytes;
  }

  // Users elsewhere make the node's result themselves: where they read less then, or, if none needs it
  // stored, where what all of them read more is less than storing it.
  void repeat_in_users(const Node& node) {
    if (!fusible_[index(node.id)] || is_reduction(node.id)) return;
    bool stored = shown_.contains(node.id);
    std::set<int> others;
    for (const int cluster : readers(node.id)) {
      if (fusible_[index(clusters_[index(cluster)][0])])
        others.insert(cluster);
      else
        stored = true;
    }
    if (others.empty()) return;
    const Ids again = cone(node);
    if (again.empty()) return;
    std::vector<std::pair<int, Ids>> fewer, more;
    std::size_t price = 0;
    for (const int other : others) {
      Ids steps = joined(steps_[index(other)], again);
      const std::size_t before = bytes_read(steps_[index(other)]), after = bytes_read(steps);
      if (!rules_.accepts(body_of(steps, steps)))
        stored = true;
      else
        (after < before ? fewer : more).emplace_back(other, std::move(steps));
      price += after < before ? 0 : after - before;
    }
    for (auto& [other, steps] : fewer) set_steps(other, std::move(steps));
    if (stored || price > node.out[0].bytes()) return;
    for (auto& [other, steps] : more) set_steps(other, std::move(steps));
  }

  void set_steps(int cluster, Ids steps) {
    for (const int id : steps) {
      if (!contains(steps_[index(cluster)], id)) doers_[index(id)].push_back(cluster);
    }
    steps_[index(cluster)] = std::move(steps);
  }

  // The clusters that read the node's result instead of making it.
  std::set<int> readers(int node) const {
    std::set<int> found;
    for (const int user : users_[index(node)]) {
      for (const int cluster : doers_[index(user)])
        if (!contains(steps_[index(cluster)], node)) found.insert(cluster);
    }
    return found;
  }

  // ---- the new graph

  // Of a cluster, what others read.
  Ids outputs_of(int cluster) const {
    Ids outputs;
    for (const int id : clusters_[index(cluster)])
      if (shown_.contains(id) || !readers(id).empty()) outputs.push_back(id);
    return outputs;
  }

  // Of the cluster's steps, those its outputs need.
  Ids needed(int cluster, const Ids& outputs) const {
    std::set<int> found(outputs.begin(), outputs.end());
    const Ids& steps = steps_[index(cluster)];
    for (auto id = steps.rbegin(); id != steps.rend(); ++id) {
      if (!found.contains(*id)) continue;
      for (const Value& in : graph_.node(*id).in)
        if (contains(steps, in.node_id())) found.insert(in.node_id());
    }
    return {found.begin(), found.end()};
  }

  void emit_cluster(Graph& target, int cluster, const std::function<Value(const Value&)>& at) {
    const Node& last = graph_.node(clusters_[index(cluster)].back());
    if (!fusible_[index(last.id)]) {
      keep(last, copy_node(target, last, mapped(last.in, at)));
      return;
    }
    const Ids outputs = outputs_of(cluster), steps = needed(cluster, outputs);
    if (outputs.empty()) return;
    if (steps.size() == 1) {
      const Node& only = graph_.node(steps[0]);
      keep(only, copy_node(target, only, mapped(only.in, at)));
      return;
    }
    Values operands;
    const FusedBody body = body_of(steps, outputs, &operands);
    const Graph::Path path(target, last.scope);
    const Values made = target.add_all(fused_op, FusedOptions::of(body), mapped(operands, at));
    for (std::size_t i = 0; i < outputs.size(); ++i) made_[index(outputs[i])] = {made[i]};
  }

  static Values mapped(const Values& in, const std::function<Value(const Value&)>& at) {
    Values list;
    for (const Value& value : in) list.push_back(at(value));
    return list;
  }
  void keep(const Node& node, Values values) { made_[index(node.id)] = std::move(values); }

  // Every cluster after those it reads from, otherwise in the order of their last nodes.
  Graph emit() {
    Graph target;
    made_.resize(graph_.nodes().size());
    const auto at = [&](const Value& v) {
      GRADUS_CHECK(index(v.output()) < made_[index(v.node_id())].size());
      return made_[index(v.node_id())][index(v.output())];
    };
    std::vector<int> missing(graph_.nodes().size());
    std::vector<std::set<int>> readers(graph_.nodes().size());
    for (const Ids& cluster : clusters_) {
      if (cluster.empty()) continue;
      const int name = cluster_[index(cluster[0])];
      std::set<int> sources;
      for (const int id : steps_[index(name)]) {
        for (const Value& in : graph_.node(id).in)
          if (!contains(steps_[index(name)], in.node_id())) sources.insert(cluster_[index(in.node_id())]);
      }
      missing[index(name)] = static_cast<int>(sources.size());
      for (const int source : sources) readers[index(source)].insert(name);
    }
    // Parts that are written at once may belong to much later work.
    const auto last = [&](const Ids& cluster) {
      const auto worker = std::find_if(cluster.rbegin(), cluster.rend(),
                                       [&](int id) { return graph_.node(id).op->kind != OpDef::movement; });
      return worker != cluster.rend() ? *worker : cluster.back();
    };
    using Entry = std::pair<int, int>;  // last node, cluster
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> ready;
    for (const Ids& cluster : clusters_) {
      if (!cluster.empty() && missing[index(cluster_[index(cluster[0])])] == 0)
        ready.emplace(last(cluster), cluster_[index(cluster[0])]);
    }
    std::size_t emitted = 0;
    while (!ready.empty()) {
      const int cluster = ready.top().second;
      ready.pop();
      emit_cluster(target, cluster, at);
      emitted += clusters_[index(cluster)].size();
      for (const int reader : readers[index(cluster)])
        if (--missing[index(reader)] == 0) ready.emplace(last(clusters_[index(reader)]), reader);
    }
    GRADUS_CHECK(emitted == graph_.nodes().size());
    for (const auto& [name, value] : graph_.outputs()) target.output(at(value), name);
    return target;
  }

  const Graph& graph_;
  const FuseRules& rules_;
  std::vector<int> cluster_;   // [node] -> its cluster, named by one of its nodes
  std::vector<Ids> clusters_;  // [name] -> its nodes
  std::vector<Ids> steps_;     // [name] -> those, and what it does again of others
  std::vector<Ids> users_;     // [node]
  std::vector<Ids> doers_;     // [node] -> clusters with that step, in no order
  std::vector<char> fusible_;  // [node]
  std::set<int> shown_;        // nodes of which the graph shows a value
  std::vector<int> reach_;     // [name] -> the last node among those it depends on, and its own
  std::vector<int> visited_;   // [name]
  int visit_ = 0;
  std::vector<Values> made_;  // [node] -> its values in the new graph
};

}  // namespace

Graph fuse(const Graph& graph, const FuseRules& rules) { return Fusion(graph, rules).run(); }

}  // namespace gradus
