#include <map>

#include "base/check.h"
#include "gradus/grad.h"
#include "gradus/op_def.h"
#include "gradus/ops.h"

namespace gradus {

namespace {

using Key = std::pair<int, int>;  // node, output
Key key(const Value& value) { return {value.node_id(), value.output()}; }

// Marks the nodes that lie on a differentiable path from one of xs.
std::vector<char> reached_from(const Graph& graph, const Values& xs) {
  std::vector<char> reached(graph.nodes().size(), 0);
  for (const Value& x : xs) reached[static_cast<std::size_t>(x.node_id())] = 1;
  for (const Node& node : graph.nodes()) {
    if (!node.op->vjp) continue;
    for (const Value& input : node.in) {
      if (reached[static_cast<std::size_t>(input.node_id())] &&
          (is_float(input.dtype()) || input.dtype() == DType::bf16)) {
        reached[static_cast<std::size_t>(node.id)] = 1;
      }
    }
  }
  return reached;
}

// What has arrived at each value so far.
class Arrivals {
 public:
  void add(const Value& at, const Value& gradient) {
    if (!gradient || !is_float(at.dtype())) return;
    GRADUS_CHECK(gradient.type() == at.type());
    auto [entry, fresh] = sums_.try_emplace(key(at), gradient);
    if (!fresh) entry->second = gradus::add(entry->second, gradient);
  }
  Value at(const Value& value) const {
    const auto found = sums_.find(key(value));
    return found == sums_.end() ? Value() : found->second;
  }

 private:
  std::map<Key, Value> sums_;
};

Value starting_gradient(const Value& y, const GradientOptions& options) {
  require(is_float(y.dtype()), "gradients: y is {}; only f32 and f64 values have gradients.", y.type().str());
  if (!options.upstream) {
    require(y.shape().size() == 1,
            "gradients: y {} is no scalar. sum() or mean() it first, or give the upstream gradient.",
            y.type().str());
    return full(y.graph(), y.type(), 1.0);
  }
  require(options.upstream.type() == y.type(), "gradients: the upstream gradient is {}, y is {}.",
          options.upstream.type().str(), y.type().str());
  return options.upstream;
}

// Its gradient would be as coarse as itself: graphs are differentiated first and made bf16 when compiled.
void refuse_bf16(const Node& node, const Value& value) {
  require(value.dtype() != DType::bf16,
          "gradients: {} reads or gives bf16. Differentiate in f32, and compile() with bf16.", node.where());
}

}  // namespace

Values gradients(const Value& y, const Values& xs, const GradientOptions& options) {
  Graph& graph = y.graph();
  for (const Value& x : xs)
    require(x && &x.graph() == &graph, "gradients: an x belongs to another graph than y.");
  const std::vector<char> reached = reached_from(graph, xs);

  Arrivals arrivals;
  arrivals.add(y, starting_gradient(y, options));
  for (int id = y.node_id(); id >= 0; --id) {
    const Node& node = graph.node(id);
    if (!node.op->vjp || !reached[static_cast<std::size_t>(id)] || node.in.empty()) continue;
    Values outputs, arrived;
    bool any = false;
    for (int i = 0; i < static_cast<int>(node.out.size()); ++i) {
      outputs.emplace_back(&graph, id, i);
      arrived.push_back(arrivals.at(outputs.back()));
      any = any || arrived.back();
    }
    if (!any) continue;
    for (const Value& value : node.in) refuse_bf16(node, value);
    for (const Value& value : outputs) refuse_bf16(node, value);
    const Graph::Path path(graph, node.scope);
    const Values in = node.op->vjp(node, outputs, arrived);
    GRADUS_CHECK(in.size() == node.in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (reached[static_cast<std::size_t>(node.in[i].node_id())]) arrivals.add(node.in[i], in[i]);
    }
  }

  Values result;
  for (const Value& x : xs) {
    Value gradient = arrivals.at(x);
    if (!gradient) {
      require(options.unused == GradientOptions::zeros,
              "gradients: y does not depend on {} ({}) through differentiable ops. Leave it out, or ask for "
              "zeros.",
              x.node().where(), x.type().str());
      gradient = full(graph, x.type(), 0.0);
    }
    result.push_back(gradient);
  }
  return result;
}

Values gradients(const Value& y, const std::vector<Variable>& variables, const GradientOptions& options) {
  Values xs;
  for (const Variable& variable : variables) xs.push_back(read(y.graph(), variable));
  return gradients(y, xs, options);
}

Values hessian_vector_product(const Value& y, const Values& xs, const Values& vs) {
  require(xs.size() == vs.size(), "hessian_vector_product: {} xs but {} vectors.", xs.size(), vs.size());
  const Values first = gradients(y, xs, {.unused = GradientOptions::zeros});
  Value product;
  for (std::size_t i = 0; i < xs.size(); ++i) {
    require(vs[i].type() == xs[i].type(), "hessian_vector_product: vector {} is {}, its x is {}.", i,
            vs[i].type().str(), xs[i].type().str());
    const Value term = sum(first[i] * stop_gradient(vs[i]));
    product = product ? product + term : term;
  }
  require(static_cast<bool>(product), "hessian_vector_product: no xs were given.");
  return gradients(product, xs, {.unused = GradientOptions::zeros});
}

}  // namespace gradus
