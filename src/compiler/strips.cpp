#include "compiler/strips.h"

#include <algorithm>
#include <set>

#include "compiler/rows.h"
#include "graph/sources.h"

namespace gradus {

namespace {

constexpr std::int64_t kFewestRows = 4;
// Bytes of sums over the strips, each time, beside the bytes of the rows.
constexpr std::size_t kSumShare = 8;

// What a node of a strip reads.
const OpDef operand_op =
    define<InputOptions>({.name = "operand",
                          .inputs = {},
                          .kind = OpDef::input,
                          .infer = [](const InputOptions& op, std::span<const Type>) -> Types {
                            return Type{op.dtype, op.shape};
                          },
                          .vjp = not_differentiable,
                          .reference = nullptr,
                          .takes_bf16 = true});

enum class Made : std::uint8_t { outside, rows, sum };

class Finder {
 public:
  Finder(const Graph& graph, std::size_t bytes) : graph_(graph), strip_bytes_(bytes) {
    for (const Node& node : graph.nodes()) made_.emplace_back(node.out.size(), Made::outside);
  }

  std::vector<StripLoop> run() {
    for (const Node& node : graph_.nodes()) {
      if (stands_aside(node)) continue;
      if (join(node)) continue;
      close();
      join(node);
    }
    close();
    return std::move(loops_);
  }

 private:
  Made& made(const Value& value) {
    return made_[static_cast<std::size_t>(value.node_id())][static_cast<std::size_t>(value.output())];
  }

  // Needs no instruction, or none before the end, and reads nothing that a strip makes.
  bool stands_aside(const Node& node) {
    if (node.in.empty() && (node.op->kind == OpDef::input || node.op->kind == OpDef::constant)) return true;
    if (node.op->kind == OpDef::state && node.in.empty()) return true;
    if (node.op->kind != OpDef::view) return false;
    return made(node.in[0]) == Made::outside;
  }

  // How the node works on rows of what comes from outside and of what the loop makes by rows.
  std::optional<OnRows> form_of(const Node& node, std::int64_t batch, std::int64_t rows) {
    int rank = 2;
    std::vector<Type> types;
    for (const Value& in : node.in) {
      types.push_back(in.type());
      rank = std::max(rank, in.shape().rank());
    }
    std::vector<bool> may_cut;
    for (const Value& in : node.in) {
      if (made(in) == Made::sum) return std::nullopt;
      may_cut.push_back(in.shape().rank() == rank && in.shape()[0] == batch);
      if (made(in) == Made::rows && !may_cut.back()) return std::nullopt;
    }
    std::optional<OnRows> form = on_rows(*node.op, node.attrs, types, may_cut, rows);
    if (!form) return std::nullopt;
    for (std::size_t i = 0; i < node.in.size(); ++i)
      if (made(node.in[i]) == Made::rows && !form->in[i]) return std::nullopt;
    for (std::size_t i = 0; i < node.out.size(); ++i) {
      const Type& type = node.out[i];
      const bool fits = form->out[i] ? type.shape.rank() > 0 && type.shape[0] == batch : is_float(type.dtype);
      if (!fits) return std::nullopt;
    }
    return form;
  }

  // Takes the node into the open loop, or opens one with it, if it goes by rows.
  bool join(const Node& node) {
    if (node.op->kind == OpDef::state) return false;
    if (!members_.empty()) return join(node, batch_);
    return std::any_of(node.in.begin(), node.in.end(), [&](const Value& in) {
      return in.shape().rank() > 1 && in.shape()[0] > kFewestRows && join(node, in.shape()[0]);
    });
  }

  bool join(const Node& node, std::int64_t batch) {
    std::optional<OnRows> form = form_of(node, batch, batch);
    if (!form) return false;
    for (const Value& in : node.in) shares_ = shares_ || made(in) == Made::rows;
    for (std::size_t i = 0; i < node.out.size(); ++i)
      made_[static_cast<std::size_t>(node.id)][i] = form->out[i] ? Made::rows : Made::sum;
    batch_ = batch;
    members_.push_back(node.id);
    forms_.push_back(*std::move(form));
    return true;
  }

  // How many strips there are to be; 1 where it would not pay.
  std::int64_t strips() const {
    std::size_t most = 0, rows = 0, sums = 0;
    for (std::size_t m = 0; m < members_.size(); ++m) {
      const Node& node = graph_.node(members_[m]);
      std::set<std::pair<int, int>> seen;
      std::size_t bytes = 0;
      for (std::size_t i = 0; i < node.in.size(); ++i) {
        if (forms_[m].in[i] && seen.emplace(node.in[i].node_id(), node.in[i].output()).second)
          bytes += node.in[i].type().bytes();
      }
      for (std::size_t i = 0; i < node.out.size(); ++i)
        (forms_[m].out[i] ? bytes : sums) += node.out[i].bytes();
      most = std::max(most, bytes);
      rows += bytes;
    }
    std::int64_t n = 1;
    for (std::int64_t more = 2;
         more * kFewestRows <= batch_ && most / static_cast<std::size_t>(n) > strip_bytes_; ++more)
      if (batch_ % more == 0) n = more;
    return sums * static_cast<std::size_t>(n) * kSumShare <= rows ? n : 1;
  }

  StripNode strip_node(const Node& node, const OnRows& form, std::int64_t rows) const {
    auto graph = std::make_shared<Graph>();
    Values in;
    for (std::size_t i = 0; i < node.in.size(); ++i) {
      const Type type = form.in[i] ? rows_of(node.in[i].type(), rows) : node.in[i].type();
      in.push_back(graph->add(operand_op, InputOptions{"", type.dtype, type.shape}));
    }
    const Graph::Path path(*graph, node.scope);
    graph->add_all(*node.op, form.attrs, in);
    return {std::move(graph), form.in, form.out};
  }

  // Ends the loop; what was made in it is whole from here on.
  void close() {
    const std::int64_t n = shares_ ? strips() : 1;
    if (n > 1) {
      StripLoop loop{members_.front(), members_.back(), n, {}};
      bool whole = true;
      for (const int id : members_) {
        const Node& node = graph_.node(id);
        const std::optional<OnRows> form = form_of(node, batch_, batch_ / n);
        whole = whole && form;
        if (form) loop.nodes.emplace(id, strip_node(node, *form, batch_ / n));
      }
      if (whole) loops_.push_back(std::move(loop));
    }
    for (const int id : members_) {
      std::vector<Made>& list = made_[static_cast<std::size_t>(id)];
      list.assign(list.size(), Made::outside);
    }
    members_.clear();
    forms_.clear();
    batch_ = 0;
    shares_ = false;
  }

  const Graph& graph_;
  const std::size_t strip_bytes_;
  std::vector<std::vector<Made>> made_;  // [node][output], by the open loop
  std::vector<int> members_;
  std::vector<OnRows> forms_;  // [member], on the whole batch
  std::int64_t batch_ = 0;
  bool shares_ = false;  // whether one of them reads what another made
  std::vector<StripLoop> loops_;
};

}  // namespace

std::vector<StripLoop> find_strips(const Graph& graph, std::size_t bytes) {
  return Finder(graph, bytes).run();
}

}  // namespace gradus
