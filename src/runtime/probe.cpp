#include "runtime/probe.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace gradus {

namespace {

// Nodes that y needs and that depend on x (x's own node is not among them).
std::vector<char> between(const Value& x, const Value& y) {
  const Graph& graph = y.graph();
  std::vector<char> depends(graph.nodes().size(), 0), needed(graph.nodes().size(), 0);
  for (const Node& node : graph.nodes()) {
    const bool reads = std::any_of(node.in.begin(), node.in.end(), [&](const Value& in) {
      return in == x || depends[static_cast<std::size_t>(in.node_id())];
    });
    depends[static_cast<std::size_t>(node.id)] = reads;
  }
  needed[static_cast<std::size_t>(y.node_id())] = 1;
  for (auto node = graph.nodes().rbegin(); node != graph.nodes().rend(); ++node) {
    if (!needed[static_cast<std::size_t>(node->id)]) continue;
    for (const Value& in : node->in) needed[static_cast<std::size_t>(in.node_id())] = 1;
  }
  for (std::size_t i = 0; i < needed.size(); ++i) needed[i] = needed[i] && depends[i];
  return needed;
}

double largest(const Tensor& tensor) {
  if (!is_float(tensor.dtype())) return 0;
  double most = 0;
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    const double size = std::abs(tensor.at(i));
    if (std::isfinite(size)) most = std::max(most, size);
  }
  return most;
}

}  // namespace

Probe::Probe(const Value& y, const Value& x, std::span<const reference::Feed> feeds)
    : y_value_(y), x_value_(x), wanted_{y} {
  const std::vector<char> moving = between(x, y);
  Values known = {x, y}, computed;
  for (const Node& node : y.graph().nodes()) {
    if (!moving[static_cast<std::size_t>(node.id)]) continue;
    for (int i = 0; i < static_cast<int>(node.out.size()); ++i) computed.emplace_back(node.graph, node.id, i);
    for (const Value& in : node.in) {
      const bool fixed = !(in == x) && !moving[static_cast<std::size_t>(in.node_id())];
      if (fixed && std::find(known.begin(), known.end(), in) == known.end()) known.push_back(in);
    }
    if (node.op->branch) {
      kinked_.push_back(&node);
      wanted_.insert(wanted_.end(), node.in.begin(), node.in.end());
    }
  }
  Values all = known;
  all.insert(all.end(), computed.begin(), computed.end());
  const std::vector<Tensor> tensors = reference::run(y.graph(), all, feeds);
  x_ = tensors[0].clone();
  y_ = tensors[1].clone();
  for (std::size_t i = 2; i < known.size(); ++i) fixed_.push_back({known[i], tensors[i]});
  for (const Tensor& tensor : tensors) magnitude_ = std::max(magnitude_, largest(tensor));
  if (!moving[static_cast<std::size_t>(y.node_id())] && !(y == x)) fixed_.push_back({y, y_});
}

Probe::Point Probe::at(const Tensor& x) const {
  std::vector<reference::Feed> feeds = fixed_;
  feeds.push_back({x_value_, x.clone()});  // a copy: results may share what is fed
  const std::vector<Tensor> tensors = reference::run(y_value_.graph(), wanted_, feeds);
  Point point{tensors[0], {}};
  std::size_t next = 1;
  for (const Node* node : kinked_) {
    point.branches.push_back(
        node->op->branch(node->attrs, std::span(tensors).subspan(next, node->in.size())));
    next += node->in.size();
  }
  return point;
}

std::optional<std::string> Probe::kink_between(const Point& a, const Point& b) const {
  for (std::size_t i = 0; i < kinked_.size(); ++i) {
    const auto &left = a.branches[i], &right = b.branches[i];
    const auto [l, r] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
    if (l != left.end()) return fmt::format("{}, element {}", kinked_[i]->where(), l - left.begin());
  }
  return {};
}

}  // namespace gradus
