#include "compiler/epilogue.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "compiler/rewrite.h"
#include "graph/sources.h"

namespace gradus {

namespace {

constexpr int kNone = -1;
constexpr std::size_t kLight = 64;  // bytes of a number that may be computed ahead of its turn

std::size_t index(int i) { return static_cast<std::size_t>(i); }

class Epilogues {
 public:
  Epilogues(const Graph& graph, const FuseRules& rules)
      : graph_(graph),
        rules_(rules),
        users_(graph.nodes().size()),
        product_(graph.nodes().size(), kNone),
        reader_(graph.nodes().size(), kNone),
        made_(graph.nodes().size()) {
    const int end = static_cast<int>(graph.nodes().size());
    for (const Node& node : graph.nodes()) {
      light_.push_back(is_light(node));
      for (const Value& in : node.in) users_[index(in.node_id())].push_back(node.id);
    }
    for (const auto& [name, value] : graph.outputs()) users_[index(value.node_id())].push_back(end);
  }

  Graph run() {
    for (const Node& node : graph_.nodes()) join(node);
    std::map<int, std::vector<int>> joined_at;  // the joined, by the node that they come after
    for (const Node& node : graph_.nodes())
      if (product_[index(node.id)] != kNone) joined_at[place_of(node)].push_back(node.id);
    for (const Node& node : graph_.nodes()) {
      if (product_[index(node.id)] == kNone && reader_[index(node.id)] == kNone) emit(node);
      for (const int id : joined_at[node.id]) emit_joined(graph_.node(id));
    }
    for (const auto& [name, value] : graph_.outputs()) target_.output(at(value), name);
    return std::move(target_);
  }

 private:
  // A number that depends on variables only.
  bool is_light(const Node& node) const {
    if (node.op->kind == OpDef::input || has_effect(node)) return false;
    if (node.in.empty()) return node.op->kind == OpDef::constant || node.op->kind == OpDef::state;
    return std::all_of(node.in.begin(), node.in.end(),
                       [&](const Value& in) { return light_[index(in.node_id())] != 0; }) &&
           std::all_of(node.out.begin(), node.out.end(),
                       [](const Type& type) { return type.bytes() <= kLight; });
  }

  // Of several products that it reads, the node is joined with the last.
  void join(const Node& node) {
    if (!runs_in_place(node)) return;
    int product = kNone;
    for (const Value& in : node.in) {
      const std::vector<int>& users = users_[index(in.node_id())];
      const bool alone = std::all_of(users.begin(), users.end(), [&](int user) { return user == node.id; });
      if (in.node().op->kind == OpDef::contraction && alone && in.node().out.size() == 1)
        product = std::max(product, in.node_id());
    }
    if (product == kNone || !rules_.accepts_product(body_of(graph_.node(product), node))) return;
    product_[index(node.id)] = product;
    reader_[index(product)] = node.id;
  }

  // The product first, then the steps of its reader. operands[i] is what input i is.
  static FusedBody body_of(const Node& product, const Node& reader, Values* operands = nullptr) {
    const FusedBody alone{{}, {{reader.op, reader.attrs, {}, reader.out[0], reader.where()}}, {}};
    const FusedBody& steps = reader.op == &fused_op ? *reader.attr<FusedOptions>().body : alone;
    FusedBody body;
    std::map<std::pair<int, int>, int> number;  // of a value
    const auto add_input = [&](const Value& in) {
      const auto [entry, fresh] =
          number.try_emplace({in.node_id(), in.output()}, static_cast<int>(body.inputs.size()));
      if (!fresh) return;
      body.inputs.push_back(in.type());
      if (operands != nullptr) operands->push_back(in);
    };
    for (const Value& in : product.in) add_input(in);
    for (const Value& in : reader.in)
      if (in.node_id() != product.id) add_input(in);
    const int first = static_cast<int>(body.inputs.size());
    number[{product.id, 0}] = first;
    const auto number_of = [&](const Value& in) { return number.at({in.node_id(), in.output()}); };
    FusedBody::Step step{product.op, product.attrs, {}, product.out[0], product.where()};
    for (const Value& in : product.in) step.in.push_back(number_of(in));
    body.steps.push_back(std::move(step));
    const int before = static_cast<int>(reader.in.size());
    const auto renumbered = [&](int value) {
      return value < before ? number_of(reader.in[index(value)]) : first + 1 + value - before;
    };
    for (FusedBody::Step next : steps.steps) {
      if (&steps == &alone)
        for (int i = 0; i < before; ++i) next.in.push_back(i);
      for (int& value : next.in) value = renumbered(value);
      body.steps.push_back(std::move(next));
    }
    if (&steps == &alone) body.outputs = {first + 1};
    for (const int value : steps.outputs) body.outputs.push_back(renumbered(value));
    return body;
  }

  // The node after which the joined one can stand: at least its product, at most its reader.
  int place_of(const Node& reader) const {
    int place = product_[index(reader.id)];
    for (const Value& in : reader.in)
      if (light_[index(in.node_id())] == 0) place = std::max(place, in.node_id());
    for (const int user : users_[index(reader.id)]) {
      if (index(user) == graph_.nodes().size() || !has_effect(graph_.node(user))) continue;
      place = std::max(place, last_read(graph_.node(user).attr<StateOptions>().variable, reader.id));
    }
    return std::min(place, reader.id);
  }

  // The last node but `except` that reads what the variable was before the step.
  int last_read(const Variable& variable, int except) const {
    int last = kNone;
    for (const Node& node : graph_.nodes()) {
      if (node.op->kind != OpDef::state || !node.in.empty()) continue;
      if (!(node.attr<StateOptions>().variable == variable)) continue;
      for (const int user : users_[index(node.id)])
        if (user != except) last = std::max(last, user);
    }
    return last;
  }

  const Value& at(const Value& value) {
    const Node& maker = value.node();
    if (made_[index(maker.id)].empty()) {  // its turn has not come
      GRADUS_CHECK(light_[index(maker.id)] != 0);
      emit(maker);
    }
    return made_[index(maker.id)][index(value.output())];
  }

  void emit(const Node& node) {
    if (!made_[index(node.id)].empty()) return;
    Values in;
    for (const Value& value : node.in) in.push_back(at(value));
    made_[index(node.id)] = copy_node(target_, node, in);
  }

  void emit_joined(const Node& reader) {
    const Node& product = graph_.node(product_[index(reader.id)]);
    Values operands, in;
    const FusedBody body = body_of(product, reader, &operands);
    for (const Value& value : operands) in.push_back(at(value));
    const Graph::Path path(target_, product.scope);
    made_[index(reader.id)] = target_.add_all(fused_op, FusedOptions::of(body), in);
  }

  const Graph& graph_;
  const FuseRules& rules_;
  std::vector<std::vector<int>> users_;  // [node]; the number of nodes stands for an output
  std::vector<char> light_;              // [node]
  std::vector<int> product_;             // [node] -> what it is joined with
  std::vector<int> reader_;              // [product] -> the node that takes it in
  std::vector<Values> made_;             // [node] -> its values in the new graph
  Graph target_;
};

}  // namespace

Graph epilogue(const Graph& graph, const FuseRules& rules) { return Epilogues(graph, rules).run(); }

}  // namespace gradus
