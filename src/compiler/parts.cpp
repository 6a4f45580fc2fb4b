#include "compiler/parts.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "base/check.h"
#include "compiler/rewrite.h"

namespace gradus {

namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

// Places along an axis, which is counted from the last one: so it is the same in arrays that broadcast.
struct Range {
  std::int64_t begin, count;
  auto operator<=>(const Range&) const = default;
};

std::optional<Pieces> pieces_of(const Node& node) {
  if (!node.op->pieces) return std::nullopt;
  std::vector<Type> in;
  for (const Value& value : node.in) in.push_back(value.type());
  return node.op->pieces(node.attrs, in);
}

std::int64_t extent(const Type& type, int from_last) {
  const int axis = type.shape.rank() - 1 - from_last;
  return axis < 0 ? 1 : type.shape[axis];
}

// Elementwise, and with the same bits wherever it runs.
bool is_map(const Node& node) { return node.op->kind == OpDef::elementwise && node.out.size() == 1; }

class Parting {
 public:
  Parting(const Graph& graph, const FuseRules& rules, Slicer slice)
      : graph_(graph),
        rules_(rules),
        slice_(slice),
        plans_(graph.nodes().size()),
        users_(graph.nodes().size()) {
    for (const Node& node : graph.nodes())
      for (const Value& in : node.in) users_[index(in.node_id())].push_back(node.id);
    for (const auto& [name, value] : graph.outputs()) shown_.insert(value.node_id());
    for (auto node = graph.nodes().rbegin(); node != graph.nodes().rend(); ++node)
      plans_[index(node->id)] = plan(*node);
    drop_idle_plans();
  }

  Graph run() {
    made_.resize(graph_.nodes().size());
    for (const Node& node : graph_.nodes()) {
      if (plans_[index(node.id)]) continue;
      const std::optional<Cut> cut = cut_of(node);
      if (cut && plans_[index(node.in[0].node_id())]) {
        const Graph::Path path(target_, node.scope);
        made_[index(node.id)] = {part(node.in[0], cut->from_last, cut->range)};
        continue;
      }
      Values in;
      for (const Value& value : node.in) in.push_back(whole(value));
      made_[index(node.id)] = copy_node(target_, node, in);
    }
    for (const auto& [name, value] : graph_.outputs()) target_.output(whole(value), name);
    return std::move(target_);
  }

 private:
  struct Cut {
    int from_last;
    Range range;
  };
  // How a node that is not made whole is parted.
  struct Plan {
    int from_last;
    std::set<Range> ranges;
  };

  // Of a slice along one axis.
  static std::optional<Cut> cut_of(const Node& node) {
    if (node.in.size() != 1 || node.op->kind != OpDef::movement) return std::nullopt;
    const std::optional<Pieces> pieces = pieces_of(node);
    if (!pieces || pieces->list.size() != 1) return std::nullopt;
    return Cut{node.out[0].shape.rank() - 1 - pieces->axis, {pieces->list[0].begin, pieces->list[0].count}};
  }

  // None where the node is to be made whole.
  std::optional<Plan> plan(const Node& node) const {
    const std::optional<Cut> own = cut_of(node);
    const std::vector<int>& users = users_[index(node.id)];
    if ((!own && !is_map(node)) || users.empty() || shown_.contains(node.id)) return std::nullopt;
    std::optional<Plan> plan;
    for (const int user : users) {
      const std::optional<Plan> wanted = wanted_by(graph_.node(user), node.out[0]);
      if (!wanted || (own && own->from_last != wanted->from_last)) return std::nullopt;
      if (plan && plan->from_last != wanted->from_last) return std::nullopt;
      if (!plan)
        plan = wanted;
      else
        plan->ranges.insert(wanted->ranges.begin(), wanted->ranges.end());
    }
    std::int64_t end = 0;
    for (const Range& range : plan->ranges) {  // no part of the work twice
      if (range.begin < end) return std::nullopt;
      end = range.begin + range.count;
    }
    return plan;
  }

  // What a user reads of an input of that type; none if all, or if it is stretched there.
  std::optional<Plan> wanted_by(const Node& user, const Type& type) const {
    const std::optional<Plan>& plan = plans_[index(user.id)];
    const std::optional<Cut> cut = cut_of(user);
    if (!cut) return user.out[0].shape == type.shape ? plan : std::nullopt;
    Plan wanted{cut->from_last, {}};
    if (!plan) wanted.ranges.insert(cut->range);
    if (plan) {
      for (const Range& range : plan->ranges)
        wanted.ranges.insert({cut->range.begin + range.begin, range.count});
    }
    return wanted;
  }

  // Of nodes that hang together and have no slice among them: nothing is read and written less then, as
  // whoever makes a whole can write its parts instead.
  void drop_idle_plans() {
    std::vector<int> group(graph_.nodes().size());
    std::iota(group.begin(), group.end(), 0);
    const auto root = [&](int node) {
      while (group[index(node)] != node) node = group[index(node)] = group[index(group[index(node)])];
      return node;
    };
    std::vector<char> gains(graph_.nodes().size(), 0);
    const auto each_planned = [&](auto&& body) {
      for (const Node& node : graph_.nodes())
        if (plans_[index(node.id)]) body(node);
    };
    each_planned([&](const Node& node) {
      for (const int user : users_[index(node.id)])
        if (plans_[index(user)]) group[index(root(user))] = root(node.id);
    });
    each_planned([&](const Node& node) {
      if (cut_of(node)) gains[index(root(node.id))] = 1;
    });
    each_planned([&](const Node& node) {
      if (!gains[index(root(node.id))]) plans_[index(node.id)].reset();
    });
  }

  // ---- the new graph

  Value whole(const Value& value) const {
    GRADUS_CHECK(!made_[index(value.node_id())].empty());
    return made_[index(value.node_id())][index(value.output())];
  }

  Value part(const Value& value, int from_last, const Range& range) {
    const Node& node = value.node();
    if (!plans_[index(node.id)]) return part_of_whole(whole(value), from_last, range);
    Value& known = parts_[{node.id, range}];
    if (known) return known;
    if (const std::optional<Cut> cut = cut_of(node))
      return known = part(node.in[0], from_last, {cut->range.begin + range.begin, range.count});
    Values in;
    for (const Value& operand : node.in)
      in.push_back(extent(operand.type(), from_last) == 1 ? whole(operand) : part(operand, from_last, range));
    return known = copy_node(target_, node, in)[0];
  }

  // Of a value of the new graph.
  Value part_of_whole(const Value& value, int from_last, const Range& range) {
    if (range.begin == 0 && range.count == extent(value.type(), from_last)) return value;
    Value& known = slices_[{{value.node_id(), value.output()}, range}];
    if (!known) known = part_of_pieces(value, from_last, range);
    if (!known) known = slice_(value, value.shape().rank() - 1 - from_last, range.begin, range.count);
    return known;
  }

  // Made of parts of concatenations, or empty.
  Value part_of_pieces(const Value& value, int from_last, const Range& range) {
    const Node& node = value.node();
    if (is_map(node)) {
      if (!rules_.cheap(*node.op, node.attrs, node.in.back().dtype(), node.out[0].dtype)) return {};
      Values in;
      for (const Value& operand : node.in) {
        const bool all = extent(operand.type(), from_last) == 1;
        in.push_back(all ? operand : part_of_pieces(operand, from_last, range));
        if (!in.back()) return {};
      }
      return copy_node(target_, node, in)[0];
    }
    const std::optional<Pieces> pieces = pieces_of(node);
    if (!pieces || pieces->axis != value.shape().rank() - 1 - from_last) return {};
    std::int64_t at = 0;
    for (const Pieces::Piece& piece : pieces->list) {
      const bool inside = at <= range.begin && range.begin + range.count <= at + piece.count;
      if (inside)
        return part_of_whole(node.in[index(piece.input)], from_last,
                             {range.begin - at + piece.begin, range.count});
      at += piece.count;
    }
    return {};
  }

  const Graph& graph_;
  const FuseRules& rules_;
  const Slicer slice_;
  std::vector<std::optional<Plan>> plans_;  // [node]
  std::vector<std::vector<int>> users_;     // [node]
  std::set<int> shown_;                     // nodes of which the graph shows a value
  Graph target_;
  std::vector<Values> made_;                                       // [node] -> its values in the new graph
  std::map<std::pair<int, Range>, Value> parts_;                   // of nodes that are not made whole
  std::map<std::pair<std::pair<int, int>, Range>, Value> slices_;  // of values of the new graph
};

}  // namespace

Graph make_parts(const Graph& graph, const FuseRules& rules, Slicer slice) {
  return Parting(graph, rules, slice).run();
}

}  // namespace gradus
