// A product and elementwise steps on its result, some rows after the other: rows of the product stay in the
// second cache until the steps have read them, and what else the steps read is fetched while they are
// computed.
#include "kernels/simd/matmul_map.h"

#include <algorithm>

#include "base/buffer.h"
#include "base/parallel.h"
#include "compiler/rows.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "kernels/simd/matmul.h"
#include "kernels/simd/table.h"
#include "ops/defs.h"

namespace gradus {

namespace {

using simd::MatmulFunctions;
using simd::Product;

// Bytes of a strip: rows of the product, and of what the steps read. The packed right side goes by as well,
// so that much more would not stay in a second cache of 1 MiB.
constexpr std::int64_t kStripBytes = 300 << 10;
// Packed, the right side goes by once for each strip, so it has to be in the last cache.
constexpr std::int64_t kMostPacked = 4 << 20;
// Of what the steps read. Less is still in the last cache from the step before, and then a product of its own
// is faster (measured with Adam and 0.4 million weights).
constexpr std::int64_t kFewestBytes = 8 << 20;
constexpr std::int64_t kFewestStrips = 16;

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

// The body without its product, whose result is one more input.
struct Map {
  FusedBody body;
  std::vector<int> from;  // [input] -> of the node, or -1: the product

  explicit Map(const FusedBody& joined) {
    const int product = static_cast<int>(joined.inputs.size());
    std::vector<int> number(joined.inputs.size() + 1, -1);
    const auto renumbered = [&](int value) {
      if (value > product) return static_cast<int>(body.inputs.size()) + value - product - 1;
      return number[index(value)];
    };
    for (int value = 0; value <= product; ++value) {
      const bool read = std::any_of(joined.steps.begin() + 1, joined.steps.end(), [&](const auto& step) {
        return std::find(step.in.begin(), step.in.end(), value) != step.in.end();
      });
      if (!read) continue;
      number[index(value)] = static_cast<int>(body.inputs.size());
      body.inputs.push_back(joined.type(value));
      from.push_back(value < product ? value : -1);
    }
    body.steps.assign(joined.steps.begin() + 1, joined.steps.end());
    for (FusedBody::Step& step : body.steps)
      for (int& value : step.in) value = renumbered(value);
    for (const int value : joined.outputs) body.outputs.push_back(renumbered(value));
  }
};

// How the rows are cut: by types alone, never by threads.
struct Plan {
  Product p;
  const MatmulFunctions* functions = nullptr;
  std::int64_t size = 0;              // bytes of an element
  std::int64_t a_at = 0, b_at = 0;    // inputs of the node
  std::int64_t rows = 0, strips = 0;  // rows of a strip, but for the last one
  std::vector<int> from;              // [input of the map] -> of the node, or -1: the product
  std::vector<bool> cut;              // [input of the map] -> whether rows of it are read
  FusedBody map, last;                // on `rows` rows, and on those of the last strip

  std::int64_t panels() const { return (p.n + functions->panel_width - 1) / functions->panel_width; }
  std::int64_t packed_elements() const { return panels() * functions->panel_width * p.k; }
};

// The body on some rows, if all it gives are rows.
std::optional<FusedBody> on_rows(const FusedBody& body, const std::vector<bool>& cut, std::int64_t rows) {
  const std::optional<OnRows> form = on_rows(fused_op, FusedOptions::of(body), body.inputs, cut, rows);
  if (!form || form->in != cut) return std::nullopt;
  if (std::find(form->out.begin(), form->out.end(), false) != form->out.end()) return std::nullopt;
  return *form->attrs.get<FusedOptions>().body;
}

// A plan, or why there is none.
std::variant<Plan, std::string> plan_of(const FusedBody& body) {
  const FusedBody::Step& step = body.steps[0];
  if (step.op != &matmul_op) return std::string("no product");
  const auto& op = step.attrs.get<MatmulOptions>();
  const Type &a = body.type(step.in[0]), &b = body.type(step.in[1]);
  Plan plan;
  plan.functions = simd::find_matmul(a.dtype);
  if (plan.functions == nullptr) return "no vector code for " + std::string(name(a.dtype));
  if (a.shape.rank() != 2 || b.shape.rank() != 2) return std::string("a batch of products");
  plan.size = static_cast<std::int64_t>(size_of(a.dtype));
  plan.a_at = step.in[0];
  plan.b_at = step.in[1];
  plan.p = {step.out.shape[0], a.shape[op.transpose_a ? 0 : 1], step.out.shape[1], op.transpose_a,
            op.transpose_b};
  const Product& p = plan.p;
  const std::int64_t tile = plan.functions->tile_rows;
  if (p.m < kFewestStrips * tile) return std::string("too few rows");
  if (plan.packed_elements() * plan.size > kMostPacked) return std::string("its right side is too large");

  const Map map(body);
  plan.from = map.from;
  std::int64_t bytes = 0;
  for (const Type& type : map.body.inputs) {
    plan.cut.push_back(type.shape.rank() == 2 && type.shape[0] == p.m);
    if (plan.cut.back()) bytes += static_cast<std::int64_t>(type.bytes());
  }
  if (bytes - static_cast<std::int64_t>(step.out.bytes()) < kFewestBytes)
    return std::string("arrays that stay in the last cache");
  plan.rows = std::min(kStripBytes / (bytes / p.m), p.m / kFewestStrips) / tile * tile;
  plan.rows = std::max(plan.rows, tile);
  plan.strips = (p.m + plan.rows - 1) / plan.rows;
  const auto some = on_rows(map.body, plan.cut, plan.rows);
  const auto rest = on_rows(map.body, plan.cut, p.m - (plan.strips - 1) * plan.rows);
  if (!some || !rest) return std::string("steps that are not by rows");
  if (!(some->steps.front().out.shape == Shape{plan.rows, p.n}))
    return std::string("a result of another shape");
  plan.map = *some;
  plan.last = *rest;
  return plan;
}

// Scratch memory: the packed right side; for each thread its rows of the left side, packed, those of the
// product, and what the steps need.
struct Memory {
  std::size_t threads_at = 0, product_at = 0, map_at = 0, thread_bytes = 0, bytes = 0;

  Memory(const Plan& plan, std::size_t map_bytes, int threads) {
    threads_at = align_up(index(plan.packed_elements() * plan.size));
    product_at = plan.p.transpose_a ? align_up(index(plan.rows * plan.p.k * plan.size)) : 0;
    map_at = product_at + align_up(index(plan.rows * plan.p.n * plan.size));
    thread_bytes = map_at + align_up(map_bytes);
    bytes = threads_at + thread_bytes * index(threads);
  }
};

// What the steps read beside the product: a piece is fetched with each panel.
struct Stream {
  const std::byte* base;
  std::int64_t row_bytes;

  void fetch(std::int64_t row, std::int64_t rows, std::int64_t part, std::int64_t parts) const {
    constexpr std::int64_t kLine = 64;
    const std::int64_t lines = rows * row_bytes / kLine;
    const std::byte* const first = base + row * row_bytes;
    for (std::int64_t line = lines * part / parts; line < lines * (part + 1) / parts; ++line)
      __builtin_prefetch(first + line * kLine, 1, 2);
  }
};

class MatmulMapLaunch final : public Launch {
 public:
  MatmulMapLaunch(const Plan& plan, const Memory& memory, int threads, const Kernel& map, const Kernel& last,
                  const Bindings& b)
      : plan_(plan),
        memory_(memory),
        threads_(threads),
        a_(b.in[index(plan.a_at)].data()),
        b_(b.in[index(plan.b_at)].data()),
        packed_(b.scratch) {
    for (int part = 0; part < threads; ++part)
      for (std::int64_t strip = first_of(part); strip < first_of(part + 1); ++strip)
        maps_.push_back((strip + 1 < plan.strips ? map : last).bind(operands(b, strip, part)));
    for (std::size_t i = 0; i < plan.from.size(); ++i) {
      if (!plan.cut[i] || plan.from[i] < 0) continue;
      const Tensor& array = b.in[index(plan.from[i])];
      streams_.push_back({array.data(), static_cast<std::int64_t>(array.byte_size()) / plan.p.m});
    }
  }

  void run() override {
    const std::int64_t width = plan_.functions->panel_width, k = plan_.p.k, n = plan_.p.n;
    parallel_for(plan_.panels(), 1, threads_, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t panel = first; panel < last; ++panel) {
        const std::int64_t column = panel * width;
        plan_.functions->pack_b(plan_.p, b_, {column, std::min(width, n - column)}, {0, k},
                                packed_ + panel * width * k * plan_.size);
      }
    });
    parallel_for(threads_, 1, threads_, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t part = first; part < last; ++part)
        for (std::int64_t strip = first_of(part); strip < first_of(part + 1); ++strip) {
          multiply(strip, thread(part));
          maps_[index(strip)]->run();
        }
    });
  }

 private:
  std::int64_t first_of(std::int64_t part) const { return plan_.strips * part / threads_; }
  std::int64_t rows_of(std::int64_t strip) const {
    return std::min(plan_.rows, plan_.p.m - strip * plan_.rows);
  }
  std::byte* thread(std::int64_t part) const {
    return packed_ + memory_.threads_at + memory_.thread_bytes * index(part);
  }

  Bindings operands(const Bindings& b, std::int64_t strip, int part) const {
    const std::int64_t from = strip * plan_.rows, to = from + rows_of(strip);
    const FusedBody& body = strip + 1 < plan_.strips ? plan_.map : plan_.last;
    Bindings list;
    for (std::size_t i = 0; i < plan_.from.size(); ++i) {
      const int input = plan_.from[i];
      if (input < 0)
        list.in.push_back(
            Tensor(body.inputs[i], {std::shared_ptr<std::byte>(), thread(part) + memory_.product_at}));
      else
        list.in.push_back(plan_.cut[i] ? b.in[index(input)].rows(from, to) : b.in[index(input)]);
    }
    for (const Tensor& out : b.out) list.out.push_back(out.rows(from, to));
    list.scratch = thread(part) + memory_.map_at;
    return list;
  }

  // The rows of a strip; panels outermost, so that one stays in the first cache while the tiles go by.
  void multiply(std::int64_t strip, std::byte* thread) const {
    const MatmulFunctions& f = *plan_.functions;
    const Product& p = plan_.p;
    const std::int64_t row = strip * plan_.rows, rows = rows_of(strip), size = plan_.size;
    const std::byte* a = a_ + row * p.k * size;
    if (p.transpose_a) {
      f.pack_a(p, a_, row / f.tile_rows, (row + rows + f.tile_rows - 1) / f.tile_rows, thread);
      a = thread;
    }
    const auto left =
        p.transpose_a ? simd::LeftSide::packed(p.k, f.tile_rows) : simd::LeftSide::rows(p.k, f.tile_rows);
    const std::int64_t block = simd::block_depth(p.k), panels = plan_.panels();
    for (std::int64_t panel = 0; panel < panels; ++panel) {
      for (const Stream& stream : streams_) stream.fetch(row, rows, panel, panels);
      const std::int64_t column = panel * f.panel_width;
      const std::byte* const packed = packed_ + column * p.k * size;
      std::byte* const y = thread + memory_.product_at + column * size;
      for (std::int64_t l = 0; l < p.k; l += block)
        f.panel(left, a + l * left.depth_step * size, packed + l * f.panel_width * size,
                std::min(block, p.k - l), {rows, std::min(f.panel_width, p.n - column), p.n, l > 0}, y);
    }
  }

  const Plan& plan_;
  const Memory& memory_;
  const int threads_;
  const std::byte *a_, *b_;
  std::byte* packed_;
  std::vector<std::unique_ptr<Launch>> maps_;  // [strip]
  std::vector<Stream> streams_;
};

class MatmulMapKernel final : public Kernel {
 public:
  MatmulMapKernel(Plan plan, int threads)
      : plan_(std::move(plan)),
        threads_(threads),
        map_(simd::map_kernel(plan_.map, 1)),
        last_(simd::map_kernel(plan_.last, 1)),
        memory_(plan_, std::max(map_->scratch_bytes(), last_->scratch_bytes()), threads_) {}

  std::size_t scratch_bytes() const override { return memory_.bytes; }
  std::unique_ptr<Launch> bind(const Bindings& b) const override {
    return std::make_unique<MatmulMapLaunch>(plan_, memory_, threads_, *map_, *last_, b);
  }

 private:
  Plan plan_;
  int threads_;
  std::shared_ptr<const Kernel> map_, last_;
  Memory memory_;
};

KernelChoice prepare(const KernelRequest& request) {
  auto plan = plan_of(*request.node.attr<FusedOptions>().body);
  if (const auto* reason = std::get_if<1>(&plan)) return *reason;
  return std::make_shared<const MatmulMapKernel>(std::move(std::get<0>(plan)), request.threads);
}

}  // namespace

bool simd::has_product_kernel(const FusedBody& body) {
  const auto plan = plan_of(body);
  return plan.index() == 0 && map_kernel(std::get<0>(plan).map, 1) && map_kernel(std::get<0>(plan).last, 1);
}

void add_matmul_map_kernels(KernelSet& kernels) { kernels.add(fused_op, {"simd.matmul_map", prepare}); }

}  // namespace gradus
