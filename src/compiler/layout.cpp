// Channels last: convolution and pooling read and write [N, H, W, C] fastest, so whole regions of image ops
// are put in that order, with a transpose only where a region begins or ends.
#include "compiler/layout.h"

#include <array>
#include <vector>

#include "base/check.h"
#include "compiler/rewrite.h"

namespace gradus {

namespace {

constexpr int kRank = 4;
constexpr std::array<int, kRank> kToLast = {0, 2, 3, 1};  // axis i of the new is axis kToLast[i] of the old
constexpr std::array<int, kRank> kToFirst = {0, 3, 1, 2};

Shape permuted(const Shape& shape, const std::array<int, kRank>& order) {
  std::vector<std::int64_t> extents;
  for (const int axis : order) extents.push_back(shape[axis]);
  return Shape(extents);
}

// Whether the elements keep their places when the axes are put in that order: only axes of extent 1 move.
bool keeps_places(const Shape& shape) {
  return shape[1] == 1 || (shape[2] == 1 && shape[3] == 1) || shape.size() == 0;
}

class Relayout {
 public:
  Relayout(const Graph& graph, const AxisMover& move)
      : graph_(graph), move_(move), forms_(graph.nodes().size()) {}

  Graph run() && {
    for (const Node& node : graph_.nodes()) {
      forms_[index(node.id)].resize(node.out.size());
      if (!put_last(node)) put_first(node);
    }
    for (const auto& [name, value] : graph_.outputs()) target_.output(first(value), name);
    return std::move(target_);
  }

 private:
  // What stands for one value of the old graph: either form, or both once both were asked for.
  struct Forms {
    Value first, last;
  };

  static std::size_t index(int i) { return static_cast<std::size_t>(i); }
  Forms& forms(const Value& old) { return forms_[index(old.node_id())][index(old.output())]; }

  Value reordered(const Value& x, const std::array<int, kRank>& order) const {
    const Shape shape = permuted(x.shape(), order);
    const bool free = keeps_places(order == kToLast ? x.shape() : shape);
    return free ? move_.reshape(x, shape) : move_.transpose(x, {order.begin(), order.end()});
  }

  Value first(const Value& old) {
    Forms& f = forms(old);
    if (!f.first) {
      const Graph::Path path(target_, old.node().scope);
      f.first = reordered(f.last, kToFirst);
    }
    return f.first;
  }

  // Of any value that an image op may read: one of fewer axes gets leading axes of extent 1.
  Value last(const Value& old) {
    Forms& f = forms(old);
    if (f.last) return f.last;
    const Node& node = old.node();
    const Graph::Path path(target_, node.scope);
    if (stretches_freely(node)) {  // made anew from its small input rather than transposed
      f.last = target_.add(*node.op, rule(node)->attrs, {last(node.in[0])});
      return f.last;
    }
    Value x = f.first;
    if (x.shape().rank() < kRank) {
      std::vector<std::int64_t> extents(index(kRank - x.shape().rank()), 1);
      extents.insert(extents.end(), x.shape().begin(), x.shape().end());
      x = move_.reshape(x, Shape(extents));
    }
    f.last = reordered(x, kToLast);
    return f.last;
  }

  // What reordering an operand costs: nothing if its last form is there or its elements keep their places.
  enum class Cost { there, nothing, a_pass };
  Cost cost(const Value& old) {
    if (old.shape().rank() == kRank && (forms(old).last || stretches_freely(old.node()))) return Cost::there;
    if (old.shape().rank() == 0) return Cost::nothing;
    std::vector<std::int64_t> extents(index(kRank - old.shape().rank()), 1);
    extents.insert(extents.end(), old.shape().begin(), old.shape().end());
    return keeps_places(Shape(extents)) ? Cost::nothing : Cost::a_pass;
  }

  bool stretches_freely(const Node& node) {
    return node.op->stretches && node.out[0].shape.rank() == kRank && rule(node) &&
           cost(node.in[0]) == Cost::nothing;
  }

  // Elementwise ops read and write all images alike; others say themselves how they work on reordered axes.
  std::optional<Reordered> rule(const Node& node) {
    if (node.op->kind == OpDef::elementwise) {
      for (const Type& type : node.out) {
        if (type.shape.rank() != kRank) return std::nullopt;
      }
      Reordered all{node.attrs, std::vector<bool>(node.in.size(), true),
                    std::vector<bool>(node.out.size(), true)};
      for (std::size_t i = 0; i < node.in.size(); ++i) all.in[i] = node.in[i].shape().rank() > 0;
      return all;
    }
    // Rules take images only: at least the first input is one.
    if (!node.op->reordered || node.in[0].shape().rank() > kRank) return std::nullopt;
    if (node.in[0].shape().rank() < kRank && !node.op->stretches) return std::nullopt;
    return node.op->reordered(node, kToLast);
  }

  // The node in its channels-last form, if that is where it is fastest or most of what it reads is already
  // so.
  bool put_last(const Node& node) {
    if (node.in.empty()) return false;
    const std::optional<Reordered> form = rule(node);
    if (!form) return false;
    int there = 0, passes = 0;
    for (std::size_t i = 0; i < node.in.size(); ++i) {
      if (!form->in[i]) continue;
      there += cost(node.in[i]) == Cost::there;
      passes += cost(node.in[i]) == Cost::a_pass;
    }
    if (!node.op->channels_last && (there == 0 || passes > there)) return false;
    Values in;
    for (std::size_t i = 0; i < node.in.size(); ++i) {
      in.push_back(form->in[i] ? last(node.in[i]) : first(node.in[i]));
    }
    const Graph::Path path(target_, node.scope);
    const Values out = target_.add_all(*node.op, form->attrs, in);
    if (!node.name.empty()) out[0].named(node.name);
    for (std::size_t i = 0; i < out.size(); ++i) {
      Forms& f = forms_[index(node.id)][i];
      (form->out[i] ? f.last : f.first) = out[i];
      GRADUS_CHECK(out[i].shape() ==
                   (form->out[i] ? permuted(node.out[i].shape, kToLast) : node.out[i].shape));
    }
    return true;
  }

  void put_first(const Node& node) {
    Values in;
    for (const Value& value : node.in) in.push_back(first(value));
    const Values out = copy_node(target_, node, in);
    for (std::size_t i = 0; i < out.size(); ++i) forms_[index(node.id)][i].first = out[i];
  }

  const Graph& graph_;
  const AxisMover& move_;
  std::vector<std::vector<Forms>> forms_;  // of each node's outputs
  Graph target_;
};

}  // namespace

Graph layout(const Graph& graph, const AxisMover& move) {
  for (const Node& node : graph.nodes()) {
    if (node.op->channels_last) return Relayout(graph, move).run();
  }
  return rewrite(graph, copy_node);
}

}  // namespace gradus
