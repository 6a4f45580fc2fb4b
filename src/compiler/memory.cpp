#include "compiler/memory.h"

#include <algorithm>
#include <numeric>

#include "base/buffer.h"
#include "base/check.h"
#include "compiler/fused.h"
#include "compiler/rewrite.h"
#include "graph/sources.h"

namespace gradus {

namespace {

constexpr int kNone = -1;

// One stretch of memory. Values that share it point at it through `owner`.
struct Buffer {
  Slot::Place place = Slot::arena;
  std::size_t index = 0;    // of the input, constant or variable
  std::size_t bytes = 0;    // arena buffers
  std::size_t offset = 0;   // arena buffers
  int first = 0, last = 0;  // the steps between which it holds something needed
};

class Planner {
 public:
  Planner(const Graph& graph, const std::vector<StripLoop>& loops, const MemoryOptions& options)
      : graph_(graph), loop_of_(graph.nodes().size()), options_(options) {
    for (const StripLoop& loop : loops)
      for (const auto& [id, node] : loop.nodes) loop_of_[static_cast<std::size_t>(id)] = &loop;
  }

  MemoryPlan run() {
    end_ = static_cast<int>(graph_.nodes().size());
    number_values();
    shrink_to_strips();
    assign_buffers();
    find_last_uses();
    write_states_in_place();
    if (options_.in_place) share_in_place();
    stay_through_loops();
    finish_writes_and_outputs();
    place_in_arena();
    emit_slots();
    return std::move(plan_);
  }

 private:
  int value(const Value& v) const { return first_value_[static_cast<std::size_t>(v.node_id())] + v.output(); }
  Buffer& buffer(int v) { return buffers_[static_cast<std::size_t>(owner_[static_cast<std::size_t>(v)])]; }

  void number_values() {
    for (const Node& node : graph_.nodes()) {
      first_value_.push_back(static_cast<int>(types_.size()));
      for (const Type& type : node.out) types_.push_back(type);
      maker_.resize(types_.size(), node.id);
    }
    owner_.assign(types_.size(), kNone);
    users_.assign(types_.size(), {});
    for (const Node& node : graph_.nodes()) {
      for (const Value& in : node.in) users_[static_cast<std::size_t>(value(in))].push_back(node.id);
    }
    plan_.runs.assign(graph_.nodes().size(), 0);
  }

  const StripLoop* loop_of(int node) const { return loop_of_[static_cast<std::size_t>(node)]; }

  // What only the loop itself reads is of one strip.
  void shrink_to_strips() {
    std::vector<char> shown(types_.size(), 0);
    for (const auto& [name, output] : graph_.outputs()) shown[static_cast<std::size_t>(value(output))] = 1;
    for (const Node& node : graph_.nodes()) {
      const StripLoop* loop = loop_of(node.id);
      if (loop == nullptr) continue;
      const StripNode& piece = loop->nodes.at(node.id);
      for (std::size_t i = 0; i < node.out.size(); ++i) {
        const auto v = static_cast<std::size_t>(first_value_[static_cast<std::size_t>(node.id)]) + i;
        const bool inside =
            std::all_of(users_[v].begin(), users_[v].end(), [&](int user) { return loop_of(user) == loop; });
        if (piece.out[i] && inside && shown[v] == 0) types_[v] = piece.node().out[i];
      }
    }
  }

  int add_buffer(Buffer b) {
    buffers_.push_back(b);
    return static_cast<int>(buffers_.size()) - 1;
  }

  std::size_t index_of(const Variable& variable) {
    auto& list = plan_.variables;
    const auto found = std::find(list.begin(), list.end(), variable);
    if (found != list.end()) return static_cast<std::size_t>(found - list.begin());
    list.push_back(variable);
    variable_buffer_.push_back(add_buffer({Slot::variable, list.size() - 1, 0, 0, 0, end_}));
    return list.size() - 1;
  }

  // Sources get their own place, views and state writes share, everything else gets a fresh buffer.
  void assign_buffers() {
    for (const Node& node : graph_.nodes()) {
      const int v = first_value_[static_cast<std::size_t>(node.id)];
      int& owner = owner_[static_cast<std::size_t>(v)];
      switch (node.op->kind) {
        case OpDef::input:
          owner = add_buffer({Slot::input, inputs_++, 0, 0, 0, end_});
          continue;
        case OpDef::constant:
          plan_.constants.push_back(node.attr<ConstantOptions>().value);
          owner = add_buffer({Slot::constant, plan_.constants.size() - 1, 0, 0, 0, end_});
          continue;
        case OpDef::state: {
          const std::size_t variable = index_of(node.attr<StateOptions>().variable);
          owner = node.in.empty() ? variable_buffer_[variable]
                                  : owner_[static_cast<std::size_t>(value(node.in[0]))];
          continue;
        }
        case OpDef::view:
          owner = owner_[static_cast<std::size_t>(value(node.in[0]))];
          continue;
        default:
          break;
      }
      plan_.runs[static_cast<std::size_t>(node.id)] = 1;
      for (std::size_t i = 0; i < node.out.size(); ++i) {
        owner_[static_cast<std::size_t>(v) + i] = add_buffer(
            {Slot::arena, 0, align_up(types_[static_cast<std::size_t>(v) + i].bytes()), 0, node.id, node.id});
      }
    }
  }

  void find_last_uses() {
    for (std::size_t v = 0; v < types_.size(); ++v) {
      Buffer& b = buffer(static_cast<int>(v));
      for (const int user : users_[v]) {
        // A write happens at the end unless it can be done in place, which is decided later.
        const int when = has_effect(graph_.node(user)) ? end_ : user;
        b.last = std::max(b.last, when);
      }
    }
    for (const auto& [name, v] : graph_.outputs()) buffer(value(v)).last = end_;
  }

  bool is_output(int v) const {
    return std::any_of(graph_.outputs().begin(), graph_.outputs().end(), [&](const auto& output) {
      return owner_[static_cast<std::size_t>(value(output.second))] == owner_[static_cast<std::size_t>(v)];
    });
  }

  // The last step at which anything reads the variable's memory, through whatever view.
  int last_read(int variable_buffer, int except_node) const {
    int last = kNone;
    for (std::size_t v = 0; v < types_.size(); ++v) {
      if (owner_[v] != variable_buffer) continue;
      for (const int user : users_[v]) {
        if (user != except_node) last = std::max(last, has_effect(graph_.node(user)) ? end_ : user);
      }
    }
    return last;
  }

  void write_states_in_place() {
    for (const Node& node : graph_.nodes()) {
      if (!has_effect(node)) continue;
      const int v = value(node.in[0]);
      const int target = variable_buffer_[index_of(node.attr<StateOptions>().variable)];
      const Node& producer = node.in[0].node();
      // Later readers of the new value find it in the variable, so only readers of the old one matter.
      if (options_.in_place && runs_in_place(producer) && loop_of(producer.id) == nullptr &&
          buffer(v).place == Slot::arena && !is_output(v) && !shown_by_output(target) &&
          last_read(target, producer.id) < producer.id && may_overwrite(producer, target) &&
          written_.insert_unique(target)) {
        const int gone = owner_[static_cast<std::size_t>(v)];
        buffers_[static_cast<std::size_t>(gone)].bytes = 0;
        std::replace(owner_.begin(), owner_.end(), gone, target);
      } else {
        late_.push_back({node.id, v, target});
      }
    }
  }

  // Whether the node may write there while it reads its inputs.
  bool may_overwrite(const Node& node, int buffer) const {
    for (std::size_t i = 0; i < node.in.size(); ++i)
      if (owner_[static_cast<std::size_t>(value(node.in[i]))] == buffer && !may_take_over(node, i))
        return false;
    return true;
  }

  bool shown_by_output(int variable_buffer) const {
    return std::any_of(graph_.outputs().begin(), graph_.outputs().end(), [&](const auto& output) {
      return owner_[static_cast<std::size_t>(value(output.second))] == variable_buffer;
    });
  }

  void share_in_place() {
    for (const Node& node : graph_.nodes()) {
      if (!runs_in_place(node)) continue;
      const StripLoop* loop = loop_of(node.id);
      for (std::size_t i = 0; i < node.out.size(); ++i) {
        // A sum begins in the first strip, and whole inputs are read in all of them.
        if (loop != nullptr && !loop->nodes.at(node.id).out[i]) continue;
        const int v = first_value_[static_cast<std::size_t>(node.id)] + static_cast<int>(i);
        share_in_place(node, v, types_[static_cast<std::size_t>(v)]);
      }
    }
  }

  void share_in_place(const Node& node, int v, const Type& type) {
    if (buffer(v).place != Slot::arena) return;
    const StripLoop* loop = loop_of(node.id);
    for (std::size_t i = 0; i < node.in.size(); ++i) {
      if (loop != nullptr && !loop->nodes.at(node.id).in[i]) continue;
      const int u = value(node.in[i]);
      Buffer& b = buffer(u);
      if (b.place != Slot::arena || b.last != node.id || types_[static_cast<std::size_t>(u)] != type)
        continue;
      const bool overlaps = std::any_of(node.in.begin(), node.in.end(), [&](const Value& other) {
        return owner_[static_cast<std::size_t>(value(other))] == owner_[static_cast<std::size_t>(u)] &&
               types_[static_cast<std::size_t>(value(other))] != type;
      });
      const int gone = owner_[static_cast<std::size_t>(v)], kept = owner_[static_cast<std::size_t>(u)];
      if (overlaps || holds_result(node, b) || !may_overwrite(node, kept)) continue;
      b.last = std::max(b.last, buffers_[static_cast<std::size_t>(gone)].last);
      buffers_[static_cast<std::size_t>(gone)].bytes = 0;
      std::replace(owner_.begin(), owner_.end(), gone, kept);
      return;
    }
  }

  // Every strip reads what the loop reads, and writes what it makes.
  void stay_through_loops() {
    for (std::size_t v = 0; v < types_.size(); ++v) {
      Buffer& b = buffer(static_cast<int>(v));
      for (const int user : users_[v])
        if (const StripLoop* loop = loop_of(user)) b.last = std::max(b.last, loop->last);
      if (const StripLoop* loop = loop_of(maker_[v])) {
        b.first = std::min(b.first, loop->first);
        b.last = std::max(b.last, loop->last);
      }
    }
  }

  // One that nothing reads would not keep the buffer from others.
  bool holds_result(const Node& node, const Buffer& b) {
    const int first = first_value_[static_cast<std::size_t>(node.id)];
    for (std::size_t i = 0; i < node.out.size(); ++i)
      if (&buffer(first + static_cast<int>(i)) == &b) return true;
    return false;
  }

  bool is_written(int variable_buffer) const {
    return written_.contains(variable_buffer) || std::any_of(late_.begin(), late_.end(), [&](const Late& l) {
             return l.target == variable_buffer;
           });
  }

  // A fresh value that holds what `v` holds, taken before any write.
  int save(int v) {
    types_.push_back(Type(types_[static_cast<std::size_t>(v)]));
    users_.push_back({});
    owner_.push_back(add_buffer({Slot::arena, 0, align_up(types_.back().bytes()), 0, 0, end_}));
    saved_.emplace_back(v, static_cast<int>(types_.size()) - 1);
    return saved_.back().second;
  }

  void finish_writes_and_outputs() {
    for (Late& late : late_) {
      const int owner = owner_[static_cast<std::size_t>(late.from)];
      if (buffers_[static_cast<std::size_t>(owner)].place == Slot::variable && is_written(owner)) {
        late.from = save(late.from);
      }
    }
    for (const auto& [name, output] : graph_.outputs()) {
      const int v = value(output);
      const int owner = owner_[static_cast<std::size_t>(v)];
      const bool shows_state = buffers_[static_cast<std::size_t>(owner)].place == Slot::variable;
      output_values_.emplace_back(name, shows_state && is_written(owner) ? save(v) : v);
    }
  }

  void place_in_arena() {
    std::vector<int> order(buffers_.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
      return buffers_[static_cast<std::size_t>(a)].bytes > buffers_[static_cast<std::size_t>(b)].bytes;
    });
    std::vector<int> placed;  // sorted by offset
    for (const int id : order) {
      Buffer& b = buffers_[static_cast<std::size_t>(id)];
      if (b.place != Slot::arena || b.bytes == 0) continue;
      std::size_t offset = 0;
      for (const int other_id : placed) {
        const Buffer& other = buffers_[static_cast<std::size_t>(other_id)];
        const bool together = !options_.reuse || (b.first <= other.last && other.first <= b.last);
        if (together && offset < other.offset + other.bytes && other.offset < offset + b.bytes) {
          offset = other.offset + other.bytes;
        }
      }
      b.offset = offset;
      placed.insert(std::upper_bound(placed.begin(), placed.end(), id,
                                     [&](int x, int y) {
                                       return buffers_[static_cast<std::size_t>(x)].offset <
                                              buffers_[static_cast<std::size_t>(y)].offset;
                                     }),
                    id);
      plan_.arena_bytes = std::max(plan_.arena_bytes, offset + b.bytes);
      plan_.unplanned_bytes += b.bytes;
    }
  }

  void emit_slots() {
    for (std::size_t v = 0; v < types_.size(); ++v) {
      const Buffer& b = buffer(static_cast<int>(v));
      plan_.slots.push_back({b.place, b.place == Slot::arena ? b.offset : b.index, types_[v]});
    }
    for (const Node& node : graph_.nodes()) {
      std::vector<int> slots;
      for (std::size_t i = 0; i < node.out.size(); ++i) {
        slots.push_back(first_value_[static_cast<std::size_t>(node.id)] + static_cast<int>(i));
      }
      plan_.slot_of.push_back(std::move(slots));
      if (node.op->kind == OpDef::input)
        plan_.inputs.push_back(first_value_[static_cast<std::size_t>(node.id)]);
    }
    plan_.saved = saved_;
    for (const Late& late : late_) {
      const Buffer& target = buffers_[static_cast<std::size_t>(late.target)];
      plan_.slots.push_back({Slot::variable, target.index, types_[static_cast<std::size_t>(late.from)]});
      plan_.pending.push_back({late.node, late.from, static_cast<int>(plan_.slots.size()) - 1});
    }
    plan_.outputs = output_values_;
  }

  struct Late {
    int node, from, target;
  };
  struct Set : std::vector<int> {
    bool contains(int x) const { return std::find(begin(), end(), x) != end(); }
    bool insert_unique(int x) {
      if (contains(x)) return false;
      push_back(x);
      return true;
    }
  };

  const Graph& graph_;
  std::vector<const StripLoop*> loop_of_;  // [node]
  MemoryOptions options_;
  MemoryPlan plan_;
  int end_ = 0;
  std::size_t inputs_ = 0;
  std::vector<int> first_value_;  // [node] -> number of its first value
  std::vector<Type> types_;       // [value]
  std::vector<int> maker_;        // [value] -> node
  std::vector<int> owner_;        // [value] -> buffer
  std::vector<std::vector<int>> users_;
  std::vector<Buffer> buffers_;
  std::vector<int> variable_buffer_;
  Set written_;
  std::vector<Late> late_;
  std::vector<std::pair<int, int>> saved_;
  std::vector<std::pair<std::string, int>> output_values_;
};

}  // namespace

MemoryPlan plan_memory(const Graph& graph, const MemoryOptions& options,
                       const std::vector<StripLoop>& loops) {
  return Planner(graph, loops, options).run();
}

}  // namespace gradus
