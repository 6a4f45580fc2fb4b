// matmul on Highway: direct for few rows, packed panels otherwise; batches one product at a time.
#include "kernels/simd/matmul.h"

#include "base/buffer.h"
#include "base/parallel.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "ops/defs.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"

namespace gradus {

namespace {

using simd::Product;

constexpr std::int64_t kDirectRows = 12;            // packing b pays from a tile or two of rows,
constexpr std::int64_t kDirectDepth = 512;          // or where it is long
constexpr std::int64_t kParallelProduct = 1 << 18;  // multiply-adds worth a second thread

// Where each product of a batch reads and writes, in bytes.
using Offsets = std::vector<std::array<std::int64_t, 3>>;

Offsets batch_offsets(const Node& node, const Product& p, std::int64_t size) {
  const auto leading = [](const Shape& shape) { return shape.without(-1).without(-1); };
  const Shape batch = leading(node.out[0].shape);
  Offsets offsets;
  walk(batch,
       std::array{broadcast_strides(leading(node.in[0].shape()), batch),
                  broadcast_strides(leading(node.in[1].shape()), batch)},
       [&](std::int64_t item, const auto& at) {
         offsets.push_back({at[0] * p.m * p.k * size, at[1] * p.k * p.n * size, item * p.m * p.n * size});
       });
  return offsets;
}

// One product in packed panels. Threads share the panels of y, or its row tiles where panels are few; the
// order of every sum is the same for any number of them.
struct Packed {
  Product p;
  const simd::MatmulFunctions* functions;
  std::int64_t size;  // bytes of an element
  int threads;

  std::int64_t tile_rows() const { return functions->tile_rows; }
  std::int64_t tiles() const { return (p.m + tile_rows() - 1) / tile_rows(); }
  std::int64_t panels() const { return (p.n + functions->panel_width - 1) / functions->panel_width; }
  std::size_t a_bytes() const {
    return p.transpose_a ? align_up(static_cast<std::size_t>(tiles() * tile_rows() * p.k * size)) : 0;
  }
  std::size_t b_bytes() const {  // of one thread
    return align_up(static_cast<std::size_t>(functions->panel_width * simd::block_depth(p.k) * size));
  }
  std::size_t scratch_bytes() const { return a_bytes() + b_bytes() * static_cast<std::size_t>(threads); }

  void run(const std::byte* a, const std::byte* b, std::byte* y, std::byte* scratch) const {
    if (p.k == 0) {
      std::fill_n(y, p.m * p.n * size, std::byte{0});
      return;
    }
    if (p.transpose_a) {
      parallel_for(tiles(), 4, threads, [&](std::int64_t first, std::int64_t last) {
        functions->pack_a(p, a, first, last, scratch + first * tile_rows() * p.k * size);
      });
      a = scratch;
    }
    std::byte* panels_of_b = scratch + a_bytes();
    if (panels() >= 2 * threads || panels() >= tiles()) {
      parallel_for(panels(), 1, threads, [&](int thread, std::int64_t first, std::int64_t last) {
        part(a, b, y, panels_of_b + b_bytes() * static_cast<std::size_t>(thread), {first, last}, {0, p.m});
      });
    } else {
      parallel_for(p.m, tile_rows(), threads, [&](int thread, std::int64_t begin, std::int64_t end) {
        part(a, b, y, panels_of_b + b_bytes() * static_cast<std::size_t>(thread), {0, panels()},
             {begin, end});
      });
    }
  }

 private:
  struct Range {
    std::int64_t from, to;
  };

  // Depth outermost: a block of a stays in the second cache while panel after panel of b goes by. Rows begin
  // at a whole tile, so there are as many elements of a before them packed as not.
  void part(const std::byte* a, const std::byte* b, std::byte* y, std::byte* packed, Range panels_of_y,
            Range rows) const {
    const auto left =
        p.transpose_a ? simd::LeftSide::packed(p.k, tile_rows()) : simd::LeftSide::rows(p.k, tile_rows());
    const std::int64_t block = simd::block_depth(p.k);
    for (std::int64_t l = 0; l < p.k; l += block) {
      const simd::Depth depth{l, std::min(p.k, l + block)};
      for (std::int64_t panel = panels_of_y.from; panel < panels_of_y.to; ++panel) {
        const std::int64_t column = panel * functions->panel_width;
        const simd::Columns columns{column, std::min(functions->panel_width, p.n - column)};
        functions->pack_b(p, b, columns, depth, packed);
        functions->panel(left, a + (rows.from * p.k + l * left.depth_step) * size, packed, depth.to - l,
                         {rows.to - rows.from, columns.count, p.n, l > 0},
                         y + (rows.from * p.n + column) * size);
      }
    }
  }
};

KernelChoice prepare(const KernelRequest& request) {
  const Node& node = request.node;
  const auto& op = node.attr<MatmulOptions>();
  const DType dtype = node.in[0].dtype();
  const simd::MatmulFunctions* functions = simd::find_matmul(dtype);
  if (functions == nullptr) return "no vector code for " + std::string(name(dtype));
  Product p;
  p.transpose_a = op.transpose_a;
  p.transpose_b = op.transpose_b;
  p.m = node.out[0].shape[-2];
  p.n = node.out[0].shape[-1];
  p.k = node.in[0].shape()[op.transpose_a ? -2 : -1];
  const auto size = static_cast<std::int64_t>(size_of(dtype));
  const Offsets offsets = batch_offsets(node, p, size);

  if (!p.transpose_b && p.m <= kDirectRows && p.k <= kDirectDepth) {
    return make_kernel([=](const Bindings& b) {
      return make_launch([=, a = b.in[0].data(), w = b.in[1].data(), y = b.out[0].data()] {
        for (const auto& at : offsets) functions->direct(p, a + at[0], w + at[1], y + at[2]);
      });
    });
  }
  const Packed packed{p, functions, size, p.m * p.n * p.k < kParallelProduct ? 1 : request.threads};
  return make_kernel(
      [=](const Bindings& b) {
        return make_launch(
            [=, a = b.in[0].data(), w = b.in[1].data(), y = b.out[0].data(), scratch = b.scratch] {
              for (const auto& at : offsets) packed.run(a + at[0], w + at[1], y + at[2], scratch);
            });
      },
      packed.scratch_bytes());
}

}  // namespace

void add_matmul_kernels(KernelSet& kernels) { kernels.add(matmul_op, {"simd.matmul", prepare}); }

}  // namespace gradus
