#include "kernels/reference/run.h"

#include <map>

#include "base/check.h"
#include "graph/sources.h"

namespace gradus::reference {

namespace {

using Key = std::pair<int, int>;  // node, output
Key key(const Value& value) { return {value.node_id(), value.output()}; }

bool writes_state(const Node& node) { return node.op->kind == OpDef::state && !node.in.empty(); }

std::string label(const Value& value) {
  const Node& node = value.node();
  if (node.op->kind != OpDef::input || node.name.empty()) return node.where();
  return fmt::format("input '{}'", node.name);
}

class Run {
 public:
  Run(const Graph& graph, const Values& wanted, std::span<const Feed> feeds, Writes writes) : graph_(graph) {
    for (const auto& [value, tensor] : feeds) {
      GRADUS_CHECK(value && &value.graph() == &graph);
      require(Fault::data, tensor.defined() && tensor.type() == value.type(), "run: {} is {}, {} was given.",
              label(value), value.type().str(), tensor.defined() ? tensor.type().str() : "no tensor");
      known_.insert_or_assign(key(value), tensor);
    }
    runs_.resize(graph.nodes().size());
    for (const Value& value : wanted) reads(value);
    for (auto node = graph.nodes().rbegin(); node != graph.nodes().rend(); ++node) {
      auto runs = runs_.begin() + node->id;
      *runs = *runs || (writes == Writes::carry_out && writes_state(*node));
      if (!*runs) continue;
      for (const Value& input : node->in) reads(input);
    }
  }

  void execute() {
    std::vector<std::pair<Variable, Tensor>> written;
    for (const Node& node : graph_.nodes()) {
      if (!runs_[static_cast<std::size_t>(node.id)]) continue;
      const std::vector<Tensor> out = carry_out(node);
      if (writes_state(node)) written.emplace_back(node.attr<StateOptions>().variable, out[0]);
    }
    for (const auto& [variable, value] : written) variable.set(value);
  }

  Tensor result(const Value& value) const { return known_.at(key(value)); }

 private:
  void reads(const Value& value) {
    GRADUS_CHECK(value && &value.graph() == &graph_);
    ++readers_[key(value)];
    if (!known_.contains(key(value))) runs_[static_cast<std::size_t>(value.node_id())] = 1;
  }

  std::vector<Tensor> carry_out(const Node& node) {
    require(Fault::data, node.op->kind != OpDef::input, "run: {} ({}) is needed and was not given.",
            label(Value(node.graph, node.id)), node.out[0].str());
    std::vector<Tensor> in, out;
    for (const Value& input : node.in) in.push_back(known_.at(key(input)));
    for (const Type& type : node.out) out.emplace_back(type);
    try {
      node.op->reference(node.attrs, in, out);
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", node.where(), error.what()), error.fault());
    }
    // The results asked for count as one reader that never comes.
    for (const Value& input : node.in) {
      if (--readers_[key(input)] == 0) known_.erase(key(input));
    }
    for (int i = 0; i < static_cast<int>(out.size()); ++i) {
      if (readers_.contains({node.id, i})) known_.try_emplace({node.id, i}, out[static_cast<std::size_t>(i)]);
    }
    return out;
  }

  const Graph& graph_;
  std::map<Key, Tensor> known_;
  std::map<Key, int> readers_;
  std::vector<char> runs_;
};

}  // namespace

std::vector<Tensor> run(const Graph& graph, const Values& wanted, std::span<const Feed> feeds,
                        Writes writes) {
  Run run(graph, wanted, feeds, writes);
  run.execute();
  std::vector<Tensor> results;
  for (const Value& value : wanted) results.push_back(run.result(value));
  return results;
}

std::vector<Feed> feed_inputs(const Graph& graph, std::span<const Tensor> tensors) {
  const Values inputs = graph.inputs();
  require(Fault::data, inputs.size() == tensors.size(),
          "run: the graph has {} inputs, {} tensors were given.", inputs.size(), tensors.size());
  std::vector<Feed> feeds;
  for (std::size_t i = 0; i < inputs.size(); ++i) feeds.push_back({inputs[i], tensors[i]});
  return feeds;
}

}  // namespace gradus::reference
