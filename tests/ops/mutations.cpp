#include "ops/mutations.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "gradus/ops.h"
#include "graph/sources.h"

namespace gradus {

namespace {

// What stands in for a node, given its (perhaps already changed) inputs; one output.
using Replacement = std::function<Value(const Node& node, const Values& in)>;
struct Change {
  std::string name;
  Replacement replacement;
};

bool broadcasts(const Shape& from, const Shape& to) {
  if (from.rank() > to.rank()) return false;
  for (int i = 1; i <= from.rank(); ++i) {
    if (from[-i] != 1 && from[-i] != to[-i]) return false;
  }
  return true;
}

const AttrValue* attribute(const Node& node, const std::string& name) {
  for (const auto& [key, value] : node.attrs.list()) {
    if (key == name) return &value;
  }
  return nullptr;
}

void add_lost_operands(const Node& node, std::vector<Change>& faults) {
  for (std::size_t i = 0; i < node.in.size(); ++i) {
    if (node.in[i].dtype() != node.out[0].dtype || !broadcasts(node.in[i].shape(), node.out[0].shape))
      continue;
    faults.push_back({fmt::format("only input {} kept", i),
                      [i](const Node& n, const Values& in) { return broadcast_to(in[i], n.out[0].shape); }});
  }
}

// A sum without its summing: the first element along each summed axis.
void add_missing_sum(const Node& node, std::vector<Change>& faults) {
  const auto* axes = attribute(node, "axes");
  if (!axes) return;
  const Shape& shape = node.in[0].shape();
  Tensor first(node.in[0].type());
  for (std::int64_t i = 0; i < first.size(); ++i) {
    std::int64_t rest = i;
    bool keep = true;
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      const auto& list = std::get<std::vector<std::int64_t>>(*axes);
      const bool summed = list.empty() || std::any_of(list.begin(), list.end(), [&](std::int64_t a) {
                            return a == axis || a + shape.rank() == axis;
                          });
      keep = keep && (!summed || rest % shape[axis] == 0);
      rest /= shape[axis];
    }
    first.set(i, keep ? 1 : 0);
  }
  faults.push_back({"sum missing", [first](const Node& n, const Values& in) {
                      const auto& list = std::get<std::vector<std::int64_t>>(*attribute(n, "axes"));
                      return reshape(sum(in[0] * constant(*n.graph, first), {.axes = list}), n.out[0].shape);
                    }});
}

// The node with other attributes, if its type stays the same.
void add_changed(const Node& node, std::string name, const AttrList& list, std::vector<Change>& faults) {
  const Attrs changed = node.op->make_attrs(list);
  if (changed == node.attrs) return;
  std::vector<Type> types;
  for (const Value& in : node.in) types.push_back(in.type());
  try {
    if (node.op->infer(changed, types) != node.out) return;
  } catch (const Error&) {
    return;  // the shapes do not allow it
  }
  faults.push_back({std::move(name),
                    [changed](const Node& n, const Values& in) { return n.graph->add(*n.op, changed, in); }});
}

std::vector<Change> faults_of(const Node& node) {
  std::vector<Change> faults;
  if (node.out.size() != 1) return faults;
  const bool real = is_float(node.out[0].dtype);
  if (node.op->kind == OpDef::constant && real) {
    faults.push_back({"another number", [](const Node& n, const Values&) {
                        const Tensor value = n.attr<ConstantOptions>().value.clone();
                        for (std::int64_t i = 0; i < value.size(); ++i)
                          value.set(i, std::isfinite(value.at(i)) ? value.at(i) + 1 : 0);
                        return constant(*n.graph, value);
                      }});
  }
  if ((node.op->kind == OpDef::elementwise || node.op->kind == OpDef::composite) && real)
    add_lost_operands(node, faults);
  if (node.out[0].dtype == DType::boolean && node.op->kind == OpDef::elementwise) {
    faults.push_back({"turned around", [](const Node& n, const Values& in) {
                        return logical_not(n.graph->add(*n.op, n.attrs, in));
                      }});
  }
  if (node.op->kind == OpDef::reduction && real) add_missing_sum(node, faults);
  const AttrList& list = node.attrs.list();
  for (std::size_t i = 0; i < list.size(); ++i) {
    AttrList changed = list;
    if (auto* flag = std::get_if<bool>(&changed[i].second); flag && node.op->kind == OpDef::contraction) {
      *flag = !*flag;
      add_changed(node, changed[i].first + " flipped", changed, faults);
    }
    auto* axes = std::get_if<std::vector<std::int64_t>>(&changed[i].second);
    if (axes && changed[i].first == "axes" && node.op->kind == OpDef::movement) {
      axes->resize(static_cast<std::size_t>(node.in[0].shape().rank()));
      for (std::size_t k = 0; k < axes->size(); ++k) (*axes)[k] = static_cast<std::int64_t>(k);
      add_changed(node, "axes left in order", changed, faults);
    }
    if (changed[i].first == "pad_before" && node.op->kind == OpDef::contraction) {
      std::swap(changed[i].second, changed[i + 1].second);
      add_changed(node, "padding on the other side", changed, faults);
    }
  }
  return faults;
}

// The true rule, then once more what it emitted with node number `which` of it replaced.
GradientRule::Many with_fault(const GradientRule& rule, int which, Replacement replacement,
                              std::shared_ptr<Trace> trace) {
  return [=](const Node& node, const Values& y, const Values& dy) {
    trace->pairs.clear();
    Graph& graph = *node.graph;
    const auto first = static_cast<int>(graph.nodes().size());
    Values results = rule(node, y, dy);
    const auto last = static_cast<int>(graph.nodes().size());
    trace->replaced = first + which;
    std::map<std::pair<int, int>, Value> counterpart;
    const auto mapped = [&](const Value& value) {
      const auto found = counterpart.find({value.node_id(), value.output()});
      return found == counterpart.end() ? value : found->second;
    };
    for (int id = first; id < last; ++id) {
      const Node& original = graph.node(id);
      Values in;
      for (const Value& value : original.in) in.push_back(mapped(value));
      const Values out = id == first + which ? Values{replacement(original, in)}
                                             : graph.add_all(*original.op, original.attrs, in);
      for (int i = 0; i < static_cast<int>(out.size()); ++i) {
        counterpart[{id, i}] = out[static_cast<std::size_t>(i)];
        trace->pairs.emplace_back(Value(&graph, id, i), out[static_cast<std::size_t>(i)]);
      }
    }
    for (Value& result : results) {
      if (result) result = mapped(result);
    }
    return results;
  };
}

void add_faults_of_results(const GradientRule& rule, const Values& results, std::vector<Mutant>& mutants) {
  using OfGradient = std::function<Value(const Value&)>;
  const std::vector<std::pair<std::string, OfGradient>> changes = {
      {"sign flipped", [](const Value& g) { return neg(g); }},
      {"dropped", [](const Value& g) { return full(g.graph(), g.type(), 0); }},
      {"doubled", [](const Value& g) { return g + g; }}};
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i]) continue;
    for (const auto& [name, change] : changes) {
      mutants.push_back(
          {fmt::format("gradient of input {}: {}", i, name),
           GradientRule::Many([rule, i, change = change](const Node& n, const Values& y, const Values& dy) {
             Values changed = rule(n, y, dy);
             changed[i] = change(changed[i]);
             return changed;
           }),
           nullptr});
    }
    if (i + 1 < results.size() && results[i + 1] && results[i + 1].type() == results[i].type()) {
      mutants.push_back({fmt::format("gradients of inputs {} and {}: swapped", i, i + 1),
                         GradientRule::Many([rule, i](const Node& n, const Values& y, const Values& dy) {
                           Values changed = rule(n, y, dy);
                           std::swap(changed[i], changed[i + 1]);
                           return changed;
                         }),
                         nullptr});
    }
  }
}

}  // namespace

std::vector<Mutant> mutants_of(const OpDef& op, const Node& node, const Values& y, const Values& dy) {
  Graph& graph = *node.graph;
  const auto first = static_cast<int>(graph.nodes().size());
  const Values results = op.vjp(node, y, dy);
  const auto last = static_cast<int>(graph.nodes().size());

  std::vector<Mutant> mutants;
  add_faults_of_results(op.vjp, results, mutants);
  std::map<std::string, int> count;  // of nodes of one op among those emitted
  for (int id = first; id < last; ++id) {
    const Node& emitted = graph.node(id);
    const int number = count[emitted.op->name]++;
    for (Change& change : faults_of(emitted)) {
      auto trace = std::make_shared<Trace>();
      mutants.push_back({fmt::format("{}#{}: {}", emitted.op->name, number, change.name),
                         GradientRule(with_fault(op.vjp, id - first, std::move(change.replacement), trace)),
                         trace});
    }
  }
  return mutants;
}

}  // namespace gradus
