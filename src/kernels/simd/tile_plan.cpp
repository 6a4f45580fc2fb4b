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
    if (!find_shape() || !find_steps() || !find_table()) return std::nullopt;
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

  // All steps but sums give arrays of one shape.
  bool find_shape() {
    for (int v = inputs_; v < values(); ++v) {
      const Shape& shape = is_sum(v) ? body_.type(step(v).in[0]).shape : step(v).out.shape;
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
      if (s.op->kind != OpDef::elementwise || s.in.size() > 3) return false;
      const Elementwise code = find_elementwise(*s.op, s.attrs, body_.type(s.in.back()).dtype, s.out.dtype);
      if (code.function == nullptr) return false;
      plan_.steps.push_back({code, s.in, {}, {}, v});
    }
    return true;
  }

  // ---- two steps in one

  // Steps and sums that read each value; the node's outputs count as reads.
  std::vector<int> count_reads() const {
    std::vector<int> reads(index(values()), 0);
    for (const FusedBody::Step& s : body_.steps)
      for (const int in : s.in) ++reads[index(in)];
    for (const int value : body_.outputs) ++reads[index(value)];
    return reads;
  }

  // Puts a step together with the one that makes what it alone reads, so that this never leaves a register.
  void merge_steps() {
    const std::vector<int> reads = count_reads();
    std::vector<int> position(index(values()), kNone);  // of the step that makes a value
    for (std::size_t i = 0; i < plan_.steps.size(); ++i)
      position[index(plan_.steps[i].value)] = static_cast<int>(i);
    std::vector<char> merged(plan_.steps.size(), 0), gone(plan_.steps.size(), 0);
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      TileStep& s = plan_.steps[i];
      for (std::size_t side = 0; side < s.reads.size(); ++side) {
        const int value = s.reads[side], maker = position[index(value)];
        if (maker == kNone || reads[index(value)] != 1 || merged[index(maker)]) continue;
        if (const std::optional<Merged> pair = pair_of(value, s.value, side)) {
          s.code = {pair->function};
          s.reads = pair->reads;
          merged[i] = gone[index(maker)] = 1;
          break;
        }
      }
    }
    std::size_t i = 0;
    std::erase_if(plan_.steps, [&](const TileStep&) { return gone[i++] != 0; });
  }

  struct Merged {
    RunFunction function;
    std::vector<int> reads;
  };

  // `first` is operand number `side` of `second`.
  std::optional<Merged> pair_of(int first, int second, std::size_t side) const {
    const FusedBody::Step &f = step(first), &s = step(second);
    const auto pair = [&](Pair kind, int other) -> std::optional<Merged> {
      const RunFunction code = find_pair(kind, s.out.dtype);
      if (code == nullptr) return std::nullopt;
      return Merged{code, {f.in[0], f.in[1], other}};
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
    for (const Type& type : body_.inputs) {
      const std::optional<Spread> spread = table.spread(type.shape);
      if (!spread) return false;
      spreads.push_back(*spread);
    }
    std::vector<TileSum> sums;
    for (int v = inputs_; v < values(); ++v) {
      if (!is_sum(v)) continue;
      const std::optional<bool> all =
          table.sums_all(normalized_axes(step(v).attrs.get<ReduceOptions>().axes, *shape_));
      const auto output = std::find(body_.outputs.begin(), body_.outputs.end(), v);
      if (!all || output == body_.outputs.end()) return false;
      sums.push_back({{}, step(v).out.dtype, *all, static_cast<int>(output - body_.outputs.begin())});
    }
    plan_.spreads = std::move(spreads);
    plan_.sums = std::move(sums);
    plan_.rows = table.rows();
    plan_.columns = table.columns();
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
    for (int v = inputs_; v < values(); ++v)
      if (is_sum(v)) last_read_[index(step(v).in[0])] = values();  // taken when a tile is done
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
      const auto output = std::find(body_.outputs.begin(), body_.outputs.end(), v);
      if (output != body_.outputs.end()) {
        place[index(v)] = {TileRef::output, static_cast<int>(output - body_.outputs.begin())};
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
    std::size_t i = 0;
    for (int v = inputs_; v < values(); ++v) {
      if (is_sum(v)) plan_.sums[i++].from = place[index(step(v).in[0])];
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
  std::vector<int> last_read_;  // [value] -> the step, as a value
  std::vector<char> free_;      // [temporary]
};

}  // namespace

std::optional<TilePlan> plan_tiles(const FusedBody& body) { return Planner(body).run(); }

}  // namespace gradus::simd
