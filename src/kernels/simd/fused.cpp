// Fused nodes: a body carried out tile by tile.
#include <algorithm>
#include <cstring>

#include "base/buffer.h"
#include "base/parallel.h"
#include "kernels/kernels.h"
#include "kernels/simd/matmul_map.h"
#include "kernels/simd/table.h"
#include "kernels/simd/tile_plan.h"
#include "tensor/dispatch.h"

namespace gradus {

namespace {

using simd::Run;
using simd::RunFunction;
using simd::Spread;
using simd::TilePlan;
using simd::TileRef;

// Below this many elements times steps a second thread costs more than it saves.
constexpr std::int64_t kParallelWork = 65536;
// A unit of work: what one thread takes, and what one partial sum covers. The units do not depend on the
// number of threads, so neither do the sums.
constexpr std::int64_t kUnit = 16384;
constexpr std::int64_t kUnits = 64;  // about as many at most where there are sums
// Tiles from the one whose pieces are copied to the one whose pieces are fetched.
constexpr std::int64_t kPiecesAhead = 4;
// A table with fewer rows than that is cut into blocks of columns.
constexpr std::int64_t kWide = 8192, kBlock = 4096;

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }
// Of scratch memory: not a multiple of a page, else what a step writes would seem to a processor to be what
// it reads next, since it compares the low bits of addresses first.
std::size_t bytes_of(std::int64_t n, DType dtype) {
  constexpr std::size_t kApart = 5 * 64;
  return align_up(static_cast<std::size_t>(n) * size_of(dtype)) + kApart;
}

// How the table is cut into units.
struct Cut {
  bool by_columns;
  std::int64_t step, units;

  explicit Cut(const TilePlan& plan) : by_columns(plan.columns >= kWide || plan.rows == 1) {
    if (by_columns) {
      step = plan.rows == 1 ? kUnit : kBlock;
      units = (plan.columns + step - 1) / step;
      return;
    }
    step = std::max<std::int64_t>(1, kUnit / plan.columns);
    if (!plan.sums.empty()) step = std::max(step, (plan.rows + kUnits - 1) / kUnits);
    step = (step + plan.tile_rows - 1) / plan.tile_rows * plan.tile_rows;
    units = (plan.rows + step - 1) / step;
  }
};

// Scratch memory: rows laid out again and again until they fill a tile; for each thread its temporaries,
// stretched columns and the running sums; for each unit its sums in double.
struct Memory {
  std::vector<std::size_t> rows;      // [input], where it is a short row
  std::vector<std::size_t> columns;   // [input] in a thread's part
  std::vector<std::size_t> running;   // [sum] in a thread's part
  std::vector<std::size_t> partials;  // [sum]
  std::size_t temporaries = 0;        // in a thread's part
  std::size_t thread_at = 0, thread_bytes = 0, bytes = 0;

  Memory(const TilePlan& plan, const Cut& cut, int threads) {
    const std::int64_t tile = plan.tile_rows * plan.tile_columns;
    for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
      rows.push_back(bytes);
      if (plan.spreads[i] == Spread::row && plan.tile_rows > 1) bytes += bytes_of(tile, plan.inputs[i].dtype);
    }
    for (const simd::TileSum& sum : plan.sums) {
      partials.push_back(bytes);
      bytes += bytes_of(width(plan, sum) * (cut.by_columns && !sum.all ? 1 : cut.units), DType::f64);
    }
    thread_at = bytes;
    for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
      columns.push_back(thread_bytes);
      if (plan.spreads[i] == Spread::column && plan.tile_rows > 1)
        thread_bytes += bytes_of(tile, plan.inputs[i].dtype);
    }
    for (const simd::TileSum& sum : plan.sums) {
      running.push_back(thread_bytes);
      thread_bytes += bytes_of(std::max(tile, cut.by_columns ? cut.step : plan.columns), sum.dtype);
    }
    temporaries = thread_bytes;
    thread_bytes += index(plan.temporaries) * bytes_of(tile, DType::f64);
    bytes += thread_bytes * index(threads);
  }

  // Elements of a sum.
  static std::int64_t width(const TilePlan& plan, const simd::TileSum& sum) {
    return sum.all ? 1 : plan.columns;
  }
};

// Where an operand's tile begins: base + row * by_row + column * by_column bytes.
struct Operand {
  std::byte* base = nullptr;
  std::size_t by_row = 0, by_column = 0;
  bool single = false;     // one element for the whole tile
  bool of_thread = false;  // base is an offset into the thread's memory

  std::byte* at(std::byte* thread, std::int64_t row, std::int64_t column) const {
    std::byte* const start = of_thread ? thread + reinterpret_cast<std::size_t>(base) : base;
    return start + static_cast<std::size_t>(row) * by_row + static_cast<std::size_t>(column) * by_column;
  }
};

// A piece of the table's columns, from `to` on, and where its first row is.
struct BoundCopy {
  const std::byte* from;
  std::size_t row_bytes, element_bytes;
  std::int64_t to, end;

  void run(std::byte* tile, std::int64_t row, std::int64_t rows, std::int64_t column,
           std::int64_t columns) const {
    const std::int64_t first = std::max(to, column), last = std::min(end, column + columns);
    if (first >= last) return;
    simd::copy_rows(from + index(row) * row_bytes + index(first - to) * element_bytes, row_bytes,
                    tile + index(first - column) * element_bytes, index(columns) * element_bytes, rows,
                    index(last - first) * element_bytes);
    simd::prefetch(from, index(row + kPiecesAhead * rows) * row_bytes, index(rows) * row_bytes);
  }
};

// An array that is read from one end to the other, a tile at a time.
struct Stream {
  const std::byte* base;
  std::size_t row_bytes, element_bytes;

  // The tile of n elements after the one that begins there.
  void prefetch(std::int64_t row, std::int64_t column, std::int64_t n) const {
    simd::prefetch(base, index(row) * row_bytes + index(column + n) * element_bytes,
                   index(n) * element_bytes);
  }
};

struct BoundStep {
  RunFunction function;
  std::array<double, 2> parameters;
  int inputs;
  Operand in[simd::kMostOperands], out;
  std::vector<BoundCopy> copies;  // instead of a function
};

class FusedLaunch final : public Launch {
 public:
  FusedLaunch(const TilePlan& plan, const Cut& cut, const Memory& memory, int threads, const Bindings& b)
      : plan_(plan), cut_(cut), memory_(memory), threads_(threads), bindings_(b) {
    for (std::size_t i = 0; i < b.in.size(); ++i) inputs_.push_back(input(i));
    for (std::size_t i = 0; i < b.out.size(); ++i) {
      outputs_.push_back(array(b.out[i].data(), b.out[i].dtype()));
      for (const TilePlan::Late& late : plan.late) {
        if (late.output != static_cast<int>(i) || b.in[index(late.input)].data() != b.out[i].data()) continue;
        late_.emplace_back(outputs_.back(), temporary(late.temporary));
        late_bytes_.push_back(size_of(b.out[i].dtype()));
        outputs_.back() = temporary(late.temporary);
        break;
      }
    }
    for (const simd::TileStep& step : plan.steps) {
      BoundStep bound{step.code.function, step.code.parameters, 0, {}, operand(step.out), {}};
      for (const simd::ColumnCopy& copy : step.copies) bound.copies.push_back(bind(step, copy));
      if (step.copies.empty()) {
        for (const TileRef& in : step.in) bound.in[bound.inputs++] = operand(in);
      }
      steps_.push_back(std::move(bound));
    }
    for (const simd::TilePart& part : plan.parts) parts_from_.push_back(operand(part.from));
    const bool one_tile = plan.rows <= plan.tile_rows && plan.columns <= plan.tile_columns;
    for (std::size_t i = 0; i < b.in.size(); ++i) {
      if (plan.spreads[i] != Spread::whole || one_tile) continue;
      const std::size_t element = size_of(b.in[i].dtype());
      streams_.push_back({b.in[i].data(), index(plan.columns) * element, element});
    }
    for (const simd::TileSum& sum : plan.sums) {
      sums_from_.push_back(operand(sum.from));
      sums_times_.push_back(sum.times ? operand(*sum.times) : Operand());
      add_.push_back(sum.times ? simd::find_pair(simd::Pair::mul_add, sum.dtype)
                               : simd::find_function(simd::Function::add, sum.dtype));
    }
  }

  void run() override {
    repeat_rows();
    parallel_for(cut_.units, 1, threads_, [&](int part, std::int64_t begin, std::int64_t end) {
      std::byte* const thread =
          bindings_.scratch + memory_.thread_at + static_cast<std::size_t>(part) * memory_.thread_bytes;
      for (std::int64_t unit = begin; unit < end; ++unit) run_unit(unit, thread);
    });
    for (std::size_t i = 0; i < plan_.sums.size(); ++i) join(i);
  }

 private:
  // ---- operands

  Operand array(std::byte* data, DType dtype) const {
    return {data, static_cast<std::size_t>(plan_.columns) * size_of(dtype), size_of(dtype), false, false};
  }
  Operand temporary(int number) const {
    const std::size_t bytes = bytes_of(plan_.tile_rows * plan_.tile_columns, DType::f64);
    return in_thread(memory_.temporaries + index(number) * bytes);
  }
  static Operand in_thread(std::size_t offset) {
    return {reinterpret_cast<std::byte*>(offset), 0, 0, false, true};
  }

  Operand input(std::size_t i) const {
    std::byte* const data = bindings_.in[i].data();
    const DType dtype = bindings_.in[i].dtype();
    switch (plan_.spreads[i]) {
      case Spread::whole:
        return array(data, dtype);
      case Spread::single:
        return {data, 0, 0, true, false};
      case Spread::row:
        if (plan_.tile_rows == 1) return {data, 0, size_of(dtype), false, false};
        return {bindings_.scratch + memory_.rows[i], 0, 0, false, false};
      case Spread::piece:
        return {};  // copies know where they read
      case Spread::column:
        break;
    }
    if (plan_.tile_rows == 1) return {data, size_of(dtype), 0, true, false};
    return in_thread(memory_.columns[i]);
  }

  Operand operand(const TileRef& ref) const {
    switch (ref.place) {
      case TileRef::input:
        return inputs_[index(ref.number)];
      case TileRef::output:
        return outputs_[index(ref.number)];
      case TileRef::temporary:
        break;
    }
    return temporary(ref.number);
  }

  BoundCopy bind(const simd::TileStep& step, const simd::ColumnCopy& copy) const {
    const Tensor& piece = bindings_.in[index(step.in[index(copy.operand)].number)];
    const std::size_t element = size_of(piece.dtype());
    return {piece.data() + static_cast<std::size_t>(copy.from) * element,
            static_cast<std::size_t>(copy.width) * element, element, copy.to, copy.to + copy.count};
  }

  // ---- work

  void repeat_rows() {
    if (plan_.tile_rows == 1) return;
    for (std::size_t i = 0; i < plan_.inputs.size(); ++i) {
      if (plan_.spreads[i] != Spread::row) continue;
      const std::size_t bytes = static_cast<std::size_t>(plan_.columns) * size_of(plan_.inputs[i].dtype);
      std::byte* const to = bindings_.scratch + memory_.rows[i];
      const std::size_t all = bytes * static_cast<std::size_t>(plan_.tile_rows);
      std::memcpy(to, bindings_.in[i].data(), bytes);
      for (std::size_t done = bytes; done < all; done += std::min(done, all - done))
        std::memcpy(to + done, to, std::min(done, all - done));
    }
  }

  void stretch_columns(std::byte* thread, std::int64_t row, std::int64_t rows) const {
    if (plan_.tile_rows == 1) return;
    for (std::size_t i = 0; i < plan_.inputs.size(); ++i) {
      if (plan_.spreads[i] != Spread::column) continue;
      dispatch_stored(plan_.inputs[i].dtype, [&](auto zero) {
        using T = decltype(zero);
        const T* from = bindings_.in[i].values<const T>().data() + row;
        T* to = reinterpret_cast<T*>(thread + memory_.columns[i]);
        for (std::int64_t r = 0; r < rows; ++r, to += plan_.columns) std::fill_n(to, plan_.columns, from[r]);
      });
    }
  }

  void run_unit(std::int64_t unit, std::byte* thread) const {
    const std::int64_t first_row = cut_.by_columns ? 0 : unit * cut_.step;
    const std::int64_t end_row = cut_.by_columns ? plan_.rows : std::min(plan_.rows, first_row + cut_.step);
    const std::int64_t first_column = cut_.by_columns ? unit * cut_.step : 0;
    const std::int64_t end_column =
        cut_.by_columns ? std::min(plan_.columns, first_column + cut_.step) : plan_.columns;
    for (std::size_t i = 0; i < plan_.sums.size(); ++i)
      std::memset(thread + memory_.running[i], 0, running_bytes(i));
    for (std::int64_t row = first_row; row < end_row; row += plan_.tile_rows) {
      const std::int64_t rows = std::min(plan_.tile_rows, end_row - row);
      for (std::int64_t column = first_column; column < end_column; column += plan_.tile_columns) {
        const std::int64_t columns = std::min(plan_.tile_columns, end_column - column);
        run_tile(thread, row, rows, column, columns, column - first_column);
      }
    }
    for (std::size_t i = 0; i < plan_.sums.size(); ++i)
      finish_partial(i, unit, thread, first_column, end_column - first_column);
  }

  std::size_t running_bytes(std::size_t i) const {
    const std::size_t next = i + 1 < memory_.running.size() ? memory_.running[i + 1] : memory_.temporaries;
    return next - memory_.running[i];
  }

  void run_tile(std::byte* thread, std::int64_t row, std::int64_t rows, std::int64_t column,
                std::int64_t columns, std::int64_t column_in_unit) const {
    stretch_columns(thread, row, rows);
    for (const Stream& stream : streams_) stream.prefetch(row, column, rows * columns);
    Run run;
    run.n = static_cast<std::size_t>(rows * columns);
    for (const BoundStep& step : steps_) {
      if (!step.copies.empty()) {
        std::byte* const tile = step.out.at(thread, row, column);
        for (const BoundCopy& copy : step.copies) copy.run(tile, row, rows, column, columns);
        continue;
      }
      for (int i = 0; i < step.inputs; ++i) {
        run.in[i] = step.in[i].at(thread, row, column);
        run.scalar[i] = step.in[i].single;
      }
      run.out = step.out.at(thread, row, column);
      run.parameters = step.parameters.data();
      step.function(run);
    }
    for (std::size_t i = 0; i < plan_.sums.size(); ++i) {
      Run sum;
      sum.n = run.n;
      std::byte* const running = thread + memory_.running[i] +
                                 static_cast<std::size_t>(column_in_unit) * size_of(plan_.sums[i].dtype);
      int terms = 0;
      const auto term = [&](const Operand& operand) {
        sum.in[terms] = operand.at(thread, row, column);
        sum.scalar[terms++] = operand.single;
      };
      term(sums_from_[i]);
      if (plan_.sums[i].times) term(sums_times_[i]);
      sum.in[terms] = running;
      sum.out = running;
      add_[i](sum);
    }
    for (std::size_t i = 0; i < plan_.parts.size(); ++i) write_part(i, thread, row, rows);
    for (std::size_t i = 0; i < late_.size(); ++i)
      std::memcpy(late_[i].first.at(thread, row, column), late_[i].second.at(thread, row, column),
                  run.n * late_bytes_[i]);
  }

  // Of a tile of whole rows.
  void write_part(std::size_t i, std::byte* thread, std::int64_t row, std::int64_t rows) const {
    const simd::TilePart& part = plan_.parts[i];
    const Tensor& out = bindings_.out[index(part.output)];
    const std::size_t element = size_of(out.dtype()), bytes = index(part.count) * element;
    simd::copy_rows(parts_from_[i].at(thread, row, 0) + index(part.begin) * element,
                    index(plan_.columns) * element, out.data() + index(row) * bytes, bytes, rows, bytes);
  }

  double* partial(std::size_t i) const {
    return reinterpret_cast<double*>(bindings_.scratch + memory_.partials[i]);
  }

  // The running sums of a unit, of tile_rows rows side by side, in double.
  void finish_partial(std::size_t i, std::int64_t unit, std::byte* thread, std::int64_t first_column,
                      std::int64_t columns) const {
    const simd::TileSum& sum = plan_.sums[i];
    dispatch_float(sum.dtype, [&](auto zero) {
      const auto* running = reinterpret_cast<const decltype(zero)*>(thread + memory_.running[i]);
      double* const to = partial(i) + (sum.all           ? unit
                                       : cut_.by_columns ? first_column
                                                         : unit * plan_.columns);
      std::fill_n(to, sum.all ? 1 : columns, 0.0);
      for (std::int64_t row = 0; row < plan_.tile_rows; ++row, running += columns) {
        for (std::int64_t c = 0; c < columns; ++c) to[sum.all ? 0 : c] += static_cast<double>(running[c]);
      }
    });
  }

  void join(std::size_t i) {
    const simd::TileSum& sum = plan_.sums[i];
    double* const total = partial(i);
    const std::int64_t n = Memory::width(plan_, sum);
    if (sum.all || !cut_.by_columns) {
      for (std::int64_t unit = 1; unit < cut_.units; ++unit)
        for (std::int64_t c = 0; c < n; ++c) total[c] += total[unit * n + c];
    }
    dispatch_float(sum.dtype, [&](auto zero) {
      using T = decltype(zero);
      T* const to = bindings_.out[index(sum.output)].values<T>().data();
      for (std::int64_t c = 0; c < n; ++c) to[c] = static_cast<T>(total[c]);
    });
  }

  const TilePlan& plan_;
  const Cut& cut_;
  const Memory& memory_;
  int threads_;
  Bindings bindings_;
  std::vector<Operand> inputs_, outputs_, sums_from_, sums_times_, parts_from_;
  std::vector<BoundStep> steps_;
  std::vector<RunFunction> add_;
  std::vector<Stream> streams_;
  std::vector<std::pair<Operand, Operand>> late_;  // to, from
  std::vector<std::size_t> late_bytes_;            // of an element
};

class FusedKernel final : public Kernel {
 public:
  FusedKernel(TilePlan plan, int threads)
      : plan_(std::move(plan)),
        cut_(plan_),
        threads_(plan_.rows * plan_.columns * static_cast<std::int64_t>(plan_.steps.size()) < kParallelWork
                     ? 1
                     : threads),
        memory_(plan_, cut_, threads_) {}

  std::size_t scratch_bytes() const override { return memory_.bytes; }
  std::unique_ptr<Launch> bind(const Bindings& b) const override {
    return std::make_unique<FusedLaunch>(plan_, cut_, memory_, threads_, b);
  }

 private:
  TilePlan plan_;
  Cut cut_;
  int threads_;
  Memory memory_;
};

KernelChoice prepare(const KernelRequest& request) {
  if (auto kernel = simd::map_kernel(*request.node.attr<FusedOptions>().body, request.threads)) return kernel;
  return std::string("no vector code for its steps");
}

}  // namespace

std::shared_ptr<const Kernel> simd::map_kernel(const FusedBody& body, int threads) {
  std::optional<TilePlan> plan = plan_tiles(body);
  return plan ? std::make_shared<const FusedKernel>(std::move(*plan), threads) : nullptr;
}

std::shared_ptr<const Kernel> simd::table_kernel(const Node& node, int threads) {
  FusedBody body{{}, {{node.op, node.attrs, {}, node.out[0], {}}}, {static_cast<int>(node.in.size())}};
  for (const Value& in : node.in) {
    body.steps[0].in.push_back(static_cast<int>(body.inputs.size()));
    body.inputs.push_back(in.type());
  }
  return map_kernel(body, threads);
}

FuseRules fuse_rules() {
  return {.accepts = [](const FusedBody& body) { return simd::plan_tiles(body).has_value(); },
          .cheap =
              [](const OpDef& op, const Attrs& attrs, DType in, DType out) {
                return simd::copies_columns(op) || simd::find_elementwise(op, attrs, in, out).cheap;
              },
          .accepts_product = simd::has_product_kernel};
}

void add_fused_kernels(KernelSet& kernels) { kernels.add(fused_op, {"simd.fused", prepare}); }

}  // namespace gradus
