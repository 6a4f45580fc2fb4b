#include "kernels/simd/tile_plan.h"

#include <algorithm>

#include "gradus/ops.h"
#include "ops/defs.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"

namespace gradus::simd {

namespace {

constexpr int kNone = -1;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

// The axes of a body's arrays: those before `split` are rows, the others columns.
struct Table {
  const Shape& shape;
  int split;

  std::int64_t rows() const { return extent(0, split); }
  std::int64_t columns() const { return extent(split, shape.rank()); }
  std::int64_t extent(int from, int to) const {
    std::int64_t n = 1;
    for (int axis = from; axis < to; ++axis) n *= shape[axis];
    return n;
  }

  std::optional<Spread> spread(const Shape& input) const {
    const int missing = shape.rank() - input.rank();
    if (missing < 0) return std::nullopt;
    bool stretched[2] = {false, false}, kept[2] = {false, false};  // among rows, among columns
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] == 1) continue;
      const std::int64_t own = axis < missing ? 1 : input[axis - missing];
      (own == 1 ? stretched : kept)[axis < split ? 0 : 1] = true;
    }
    if ((stretched[0] && kept[0]) || (stretched[1] && kept[1])) return std::nullopt;
    if (!stretched[0] && !stretched[1]) return Spread::whole;
    if (!kept[0] && !kept[1]) return Spread::single;
    return stretched[0] ? Spread::row : Spread::column;
  }

  // Whether the axes are all rows, or all axes; those of extent 1 do not count.
  std::optional<bool> sums_all(const std::vector<int>& axes) const {
    bool rows_in = true, columns_in = true, columns_out = true;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] == 1) continue;
      const bool in = std::find(axes.begin(), axes.end(), axis) != axes.end();
      if (axis < split)
        rows_in = rows_in && in;
      else
        (in ? columns_out : columns_in) = false;
    }
    if (!rows_in) return std::nullopt;
    if (columns_in) return true;
    if (columns_out) return false;
    return std::nullopt;
  }
};

class Planner {
 public:
  explicit Planner(const FusedBody& body) : body_(body), inputs_(static_cast<int>(body.inputs.size())) {}

  std::optional<TilePlan> run() {
    count_reads();
    if (!find_shape() || !find_steps() || !find_pieces() || !find_table()) return std::nullopt;
    merge_steps();
    plan_.inputs = body_.inputs;
    for (const int value : body_.outputs) plan_.outputs.push_back(body_.type(value));
    size_tiles();
    find_last_reads();
    place_values();
    return std::move(plan_);
  }

 private:
  const FusedBody::Step& step(int value) const { return body_.steps[index(value - inputs_)]; }
  int values() const { return inputs_ + static_cast<int>(body_.steps.size()); }
  bool is_sum(int value) const { return value >= inputs_ && step(value).op == &sum_op; }

  // A slice of what a step makes. It is written when a tile is done, and no step reads it.
  bool is_part(int value) const {
    return value >= inputs_ && step(value).op == &slice_op && step(value).in[0] >= inputs_;
  }
  int output_of(int value) const {
    const auto found = std::find(body_.outputs.begin(), body_.outputs.end(), value);
    return found == body_.outputs.end() ? kNone : static_cast<int>(found - body_.outputs.begin());
  }

  // All steps but sums and parts give arrays of one shape.
  bool find_shape() {
    for (int v = inputs_; v < values(); ++v) {
      const Shape& shape = is_sum(v) || is_part(v) ? body_.type(step(v).in[0]).shape : step(v).out.shape;
      if (shape_ == nullptr) shape_ = &shape;
      if (!(shape == *shape_)) return false;
    }
    return shape_ != nullptr && shape_->size() > 0;
  }

  bool find_steps() {
    for (int v = inputs_; v < values(); ++v) {
      const FusedBody::Step& s = step(v);
      if (is_sum(v)) {
        if (!is_float(s.out.dtype) || !find_function(Function::add, s.out.dtype)) return false;
        continue;
      }
      if (is_part(v)) {
        if (is_sum(s.in[0]) || is_part(s.in[0]) || output_of(v) == kNone || reads_[index(v)] > 1)
          return false;
        continue;
      }
      if (copies_columns(*s.op)) {
        plan_.steps.push_back({{}, s.in, {}, {}, v});
        continue;
      }
      if (s.op->kind != OpDef::elementwise || s.in.size() > 3) return false;
      const Elementwise code = find_elementwise(*s.op, s.attrs, body_.type(s.in.back()).dtype, s.out.dtype);
      if (code.function == nullptr) return false;
      plan_.steps.push_back({code, s.in, {}, {}, v});
    }
    return true;
  }

  // What is concatenated or sliced, but for parts, comes from outside, and no other step reads it.
  bool find_pieces() {
    pieces_.assign(index(inputs_), 0);
    for (int v = inputs_; v < values(); ++v) {
      if (!copies_columns(*step(v).op) || is_part(v)) continue;
      for (const int in : step(v).in) {
        if (in >= inputs_) return false;
        pieces_[index(in)] = 1;
      }
    }
    for (const FusedBody::Step& s : body_.steps) {
      for (const int in : s.in)
        if (!copies_columns(*s.op) && in < inputs_ && pieces_[index(in)]) return false;
    }
    return true;
  }

  // ---- several steps in one

  // Steps and sums that read each value; the node's outputs count as reads.
  void count_reads() {
    reads_.assign(index(values()), 0);
    for (const FusedBody::Step& s : body_.steps)
      for (const int in : s.in) ++reads_[index(in)];
    for (const int value : body_.outputs) ++reads_[index(value)];
  }

  // Puts a step together with those that make what it alone reads, so that this never leaves a register.
  void merge_steps() {
    std::vector<int> position(index(values()), kNone);  // of the step that makes a value
    for (std::size_t i = 0; i < plan_.steps.size(); ++i)
      position[index(plan_.steps[i].value)] = static_cast<int>(i);
    std::vector<char> merged(plan_.steps.size(), 0), gone(plan_.steps.size(), 0);
    const auto merge = [&](std::size_t i, const Merged& step) {
      plan_.steps[i].code = {step.function};
      plan_.steps[i].reads = step.reads;
      merged[i] = 1;
      for (const int value : step.inside) gone[index(position[index(value)])] = 1;
    };
    // A chain may hold a shorter one, unless that one holds what it reads.
    const auto is_made = [&](int value) { return value < inputs_ || !gone[index(position[index(value)])]; };
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const std::optional<Merged> chain = chain_of(plan_.steps[i].value);
      if (chain && std::all_of(chain->reads.begin(), chain->reads.end(), is_made)) merge(i, *chain);
    }
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const TileStep& s = plan_.steps[i];
      if (merged[i] || gone[i]) continue;
      for (std::size_t side = 0; side < s.reads.size(); ++side) {
        const int value = s.reads[side], maker = position[index(value)];
        if (maker == kNone || reads_[index(value)] != 1 || merged[index(maker)]) continue;
        if (const std::optional<Merged> pair = pair_of(value, s.value, side)) {
          merge(i, *pair);
          break;
        }
      }
    }
    for (int v = inputs_; v < values(); ++v) {
      if (!is_sum(v) || inner(step(v).in[0], mul_op) == nullptr) continue;
      const auto maker = index(position[index(step(v).in[0])]);
      if (merged[maker] || find_pair(Pair::mul_add, step(v).out.dtype) == nullptr) continue;
      products_.push_back(v);
      gone[maker] = 1;
    }
    std::size_t i = 0;
    std::erase_if(plan_.steps, [&](const TileStep&) { return gone[i++] != 0; });
  }

  // What a sum adds up: one value, or two whose product it is.
  std::vector<int> terms_of(int sum) const {
    const int value = step(sum).in[0];
    const bool product = std::find(products_.begin(), products_.end(), sum) != products_.end();
    return product ? step(value).in : std::vector<int>{value};
  }

  struct Merged {
    RunFunction function;
    std::vector<int> reads;
    std::vector<int> inside;  // values that are no longer made
  };

  // The step that makes `value` by `op` for one reader alone; or null.
  const FusedBody::Step* inner(int value, const OpDef& op) const {
    const bool is = value >= inputs_ && step(value).op == &op && reads_[index(value)] == 1;
    return is ? &step(value) : nullptr;
  }

  std::optional<Merged> chain_of(int value) const {
    const FusedBody::Step& s = step(value);
    if (s.op == &sub_op) return root_step_of(s);
    if (s.op == &relu_op) return normalize_of(s.in[0], Chain::normalize_relu);
    if (s.op == &select_op) return gate_of(s);
    if (s.op != &add_op) return std::nullopt;
    if (auto average = average_of(s)) return average;
    return normalize_of(value, Chain::normalize);
  }

  static std::optional<Merged> chain(Chain kind, DType dtype, std::vector<int> reads,
                                     std::vector<int> inside) {
    const RunFunction code = find_chain(kind, dtype);
    if (code == nullptr) return std::nullopt;
    return Merged{code, std::move(reads), std::move(inside)};
  }

  // a b + c d, or a b + c^2 d.
  std::optional<Merged> average_of(const FusedBody::Step& sum) const {
    const auto *first = inner(sum.in[0], mul_op), *second = inner(sum.in[1], mul_op);
    if (first == nullptr || second == nullptr || first == second) return std::nullopt;
    const DType dtype = sum.out.dtype;
    for (const std::size_t side : {0, 1}) {
      if (const auto* power = inner(second->in[side], square_op))
        return chain(Chain::average_square, dtype,
                     {first->in[0], first->in[1], power->in[0], second->in[1 - side]},
                     {sum.in[0], sum.in[1], second->in[side]});
    }
    return chain(Chain::average, dtype, {first->in[0], first->in[1], second->in[0], second->in[1]}, sum.in);
  }

  // a - b / (sqrt(c) d + e) f
  std::optional<Merged> root_step_of(const FusedBody::Step& difference) const {
    const auto* step = inner(difference.in[1], mul_op);
    if (step == nullptr) return std::nullopt;
    for (const std::size_t f : {1, 0}) {
      const auto* quotient = inner(step->in[1 - f], div_op);
      const auto* sum = quotient ? inner(quotient->in[1], add_op) : nullptr;
      if (sum == nullptr) continue;
      for (const std::size_t e : {1, 0}) {
        const auto* scaled = inner(sum->in[1 - e], mul_op);
        if (scaled == nullptr) continue;
        for (const std::size_t d : {1, 0}) {
          const auto* root = inner(scaled->in[1 - d], sqrt_op);
          if (root == nullptr) continue;
          return chain(
              Chain::root_step, difference.out.dtype,
              {difference.in[0], quotient->in[0], root->in[0], scaled->in[d], sum->in[e], step->in[f]},
              {difference.in[1], step->in[1 - f], quotient->in[1], sum->in[1 - e], scaled->in[1 - d]});
        }
      }
    }
    return std::nullopt;
  }

  // (a - b) c + d, which `value` is, or is alone read by a relu.
  std::optional<Merged> normalize_of(int value, Chain kind) const {
    const bool alone = kind == Chain::normalize;
    if (value < inputs_ || step(value).op != &add_op || (!alone && reads_[index(value)] != 1))
      return std::nullopt;
    const FusedBody::Step& sum = step(value);
    for (const std::size_t d : {1, 0}) {
      const auto* product = inner(sum.in[1 - d], mul_op);
      if (product == nullptr) continue;
      for (const std::size_t c : {1, 0}) {
        const auto* difference = inner(product->in[1 - c], sub_op);
        if (difference == nullptr) continue;
        std::vector<int> inside = {sum.in[1 - d], product->in[1 - c]};
        if (!alone) inside.push_back(value);
        return chain(kind, sum.out.dtype, {difference->in[0], difference->in[1], product->in[c], sum.in[d]},
                     std::move(inside));
      }
    }
    return std::nullopt;
  }

  // relu(a b + c) > d ? e : d
  std::optional<Merged> gate_of(const FusedBody::Step& choice) const {
    const auto* test = inner(choice.in[0], greater_op);
    const auto* bent = test != nullptr && test->in[1] == choice.in[2] ? inner(test->in[0], relu_op) : nullptr;
    const auto* sum =
        bent != nullptr && bent->out.dtype == choice.out.dtype ? inner(bent->in[0], add_op) : nullptr;
    if (sum == nullptr) return std::nullopt;
    for (const std::size_t c : {1, 0}) {
      const auto* product = inner(sum->in[1 - c], mul_op);
      if (product == nullptr) continue;
      return chain(Chain::gate, choice.out.dtype,
                   {product->in[0], product->in[1], sum->in[c], choice.in[2], choice.in[1]},
                   {choice.in[0], test->in[0], bent->in[0], sum->in[1 - c]});
    }
    return std::nullopt;
  }

  // `first` is operand number `side` of `second`.
  std::optional<Merged> pair_of(int first, int second, std::size_t side) const {
    const FusedBody::Step &f = step(first), &s = step(second);
    const auto pair = [&](Pair kind, int other) -> std::optional<Merged> {
      const RunFunction code = find_pair(kind, s.out.dtype);
      if (code == nullptr) return std::nullopt;
      return Merged{code, {f.in[0], f.in[1], other}, {first}};
    };
    if (s.op == &select_op) {
      if (side == 0 && f.op == &greater_op && s.in[2] == f.in[1] && body_.type(f.in[0]).dtype == s.out.dtype)
        return pair(Pair::select_greater, s.in[1]);
      return std::nullopt;
    }
    if (s.in.size() != 2 || f.in.size() != 2) return std::nullopt;
    const int other = s.in[1 - side];
    if (f.op == &mul_op && s.op == &add_op) return pair(Pair::mul_add, other);
    if (f.op == &mul_op && s.op == &sub_op) return pair(side == 0 ? Pair::mul_sub : Pair::sub_mul, other);
    if (f.op == &add_op && s.op == &mul_op) return pair(Pair::add_times, other);
    if (f.op == &sub_op && s.op == &mul_op) return pair(Pair::sub_times, other);
    return std::nullopt;
  }

  // ---- tiles

  bool find_table() {
    for (int split = 0; split <= shape_->rank(); ++split) {
      if (fits(Table{*shape_, split})) return true;
    }
    return false;
  }

  bool fits(const Table& table) {
    std::vector<Spread> spreads;
    for (int in = 0; in < inputs_; ++in) {
      const std::optional<Spread> spread =
          pieces_[index(in)] ? Spread::piece : table.spread(body_.inputs[index(in)].shape);
      if (!spread) return false;
      spreads.push_back(*spread);
    }
    std::vector<TileSum> sums;
    for (int v = inputs_; v < values(); ++v) {
      if (!is_sum(v)) continue;
      const std::optional<bool> all =
          table.sums_all(normalized_axes(step(v).attrs.get<ReduceOptions>().axes, *shape_));
      if (!all || output_of(v) == kNone) return false;
      sums.push_back({{}, {}, step(v).out.dtype, *all, output_of(v)});
    }
    std::vector<TilePart> parts;
    for (int v = inputs_; v < values(); ++v) {
      if (!is_part(v)) continue;
      const auto copies = column_copies(body_, step(v), table.split);
      if (!copies || !may_part(table, spreads, step(v).out.shape)) return false;
      parts.push_back({{}, copies->front().from, copies->front().count, output_of(v)});
    }
    for (TileStep& s : plan_.steps) {
      if (!copies_columns(*step(s.value).op)) continue;
      std::optional<std::vector<ColumnCopy>> copies = column_copies(body_, step(s.value), table.split);
      if (!copies) return false;
      s.copies = std::move(*copies);
    }
    plan_.spreads = std::move(spreads);
    plan_.sums = std::move(sums);
    plan_.parts = std::move(parts);
    plan_.rows = table.rows();
    plan_.columns = table.columns();
    return true;
  }

  // A part may take over the buffer of an input that has as many elements. Tiles of whole rows read such an
  // input's rows before they write the part's; one that is read again and again must not be it.
  bool may_part(const Table& table, const std::vector<Spread>& spreads, const Shape& part) const {
    if (table.columns() > kTile) return false;
    for (std::size_t in = 0; in < spreads.size(); ++in)
      if (spreads[in] == Spread::row && body_.inputs[in].shape.size() == part.size()) return false;
    return true;
  }

  void size_tiles() {
    plan_.tile_columns = std::min(plan_.columns, kTile);
    plan_.tile_rows = plan_.columns > kTile / 2
                          ? 1
                          : std::min(plan_.rows, kTile / std::max<std::int64_t>(plan_.columns, 1));
  }

  void find_last_reads() {
    last_read_.assign(index(values()), kNone);
    for (const TileStep& s : plan_.steps)
      for (const int in : s.reads) last_read_[index(in)] = s.value;
    // Taken when a tile is done.
    for (int v = inputs_; v < values(); ++v) {
      if (is_part(v)) last_read_[index(step(v).in[0])] = values();
      if (!is_sum(v)) continue;
      for (const int term : terms_of(v)) last_read_[index(term)] = values();
    }
  }

  int temporary() {
    for (std::size_t i = 0; i < free_.size(); ++i) {
      if (free_[i]) return free_[i] = 0, static_cast<int>(i);
    }
    free_.push_back(0);
    return static_cast<int>(free_.size()) - 1;
  }

  void place_values() {
    std::vector<TileRef> place(index(values()));
    for (int v = 0; v < inputs_; ++v) place[index(v)] = {TileRef::input, v};
    for (TileStep& s : plan_.steps) {
      const int v = s.value;
      for (const int in : s.reads) s.in.push_back(place[index(in)]);
      if (output_of(v) != kNone) {
        place[index(v)] = {TileRef::output, output_of(v)};
        add_late(place[index(v)].number, v);
      } else {
        place[index(v)] = {TileRef::temporary, temporary()};
      }
      s.out = place[index(v)];
      for (const int in : s.reads) {  // what is read for the last time makes room
        if (last_read_[index(in)] == v && place[index(in)].place == TileRef::temporary)
          free_[index(place[index(in)].number)] = 1;
      }
    }
    std::size_t sum = 0, part = 0;
    for (int v = inputs_; v < values(); ++v) {
      if (is_sum(v)) {
        const std::vector<int> terms = terms_of(v);
        TileSum& target = plan_.sums[sum++];
        target.from = place[index(terms[0])];
        if (terms.size() == 2) target.times = place[index(terms[1])];
      }
      if (is_part(v)) plan_.parts[part++].from = place[index(step(v).in[0])];
    }
    plan_.temporaries = static_cast<int>(free_.size());
  }

  void add_late(int output, int value) {
    for (int in = 0; in < inputs_; ++in) {
      if (plan_.spreads[index(in)] == Spread::whole && body_.type(in) == body_.type(value) &&
          last_read_[index(in)] > value)
        plan_.late.push_back({output, temporary(), in});
    }
  }

  const FusedBody& body_;
  const int inputs_;
  const Shape* shape_ = nullptr;
  TilePlan plan_;
  std::vector<int> reads_;      // [value], how often it is read
  std::vector<int> last_read_;  // [value] -> the step, as a value
  std::vector<char> free_;      // [temporary]
  std::vector<int> products_;   // sums of products, as values
  std::vector<char> pieces_;    // [input] -> whether it is concatenated or sliced
};

}  // namespace

std::optional<TilePlan> plan_tiles(const FusedBody& body) { return Planner(body).run(); }

}  // namespace gradus::simd
