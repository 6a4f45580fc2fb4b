// conv2d_weight_grad as the product of transposed patches with dy. Threads share the rows of the result, so
// the order of every sum, over the places of dy, is the same for any number of them.
#include "base/buffer.h"
#include "base/parallel.h"
#include "kernels/kernels.h"
#include "kernels/simd/matmul.h"
#include "kernels/simd/patches.h"
#include "ops/defs.h"

namespace gradus {

namespace {

using simd::kBlockDepth;
using simd::Patches;

constexpr std::int64_t kLargestChunk = 96;          // rows of the result at a time
constexpr std::int64_t kParallelProduct = 1 << 18;  // multiply-adds worth a second thread

struct WeightGradient {
  Conv2dSizes sizes;
  DType dtype;
  const simd::MatmulFunctions* functions;
  int threads;
  Patches patches{sizes, Patches::forward, dtype};

  std::int64_t element() const { return static_cast<std::int64_t>(size_of(dtype)); }
  std::int64_t depth() const { return patches.depth(); }
  std::int64_t chunk() const {
    const std::int64_t fair = (depth() + threads - 1) / threads;
    const std::int64_t rows = functions->tile_rows;
    return std::min(kLargestChunk, (fair + rows - 1) / rows * rows);
  }
  std::int64_t chunks() const { return (depth() + chunk() - 1) / chunk(); }
  std::size_t bytes(std::int64_t elements) const {
    return align_up(static_cast<std::size_t>(elements * element()));
  }
  std::size_t result_bytes() const { return bytes(sizes.weight().size()); }
  std::size_t patches_bytes() const { return bytes(chunk() * kBlockDepth); }
  std::size_t panel_bytes() const { return bytes(functions->panel_width * kBlockDepth); }
  std::size_t thread_bytes() const { return patches_bytes() + panel_bytes(); }
  std::size_t scratch_bytes() const {
    return result_bytes() + thread_bytes() * static_cast<std::size_t>(threads);
  }

  void run(const std::byte* x, const std::byte* dy, std::byte* weight, std::byte* scratch) const {
    parallel_for(sizes.groups * chunks(), 1, threads, [&](int thread, std::int64_t first, std::int64_t last) {
      std::byte* const own = scratch + result_bytes() + thread_bytes() * static_cast<std::size_t>(thread);
      for (std::int64_t item = first; item < last; ++item)
        multiply(x, dy, item / chunks(), item % chunks() * chunk(), scratch, own);
    });
    parallel_for(sizes.o, 1, threads, [&](std::int64_t first, std::int64_t last) {
      dispatch_float(dtype, [&](auto zero) {
        using T = decltype(zero);
        unpack(reinterpret_cast<const T*>(scratch), first, last, reinterpret_cast<T*>(weight));
      });
    });
  }

 private:
  // Rows [row, row + chunk) of result[depth, O], in the columns of one group.
  void multiply(const std::byte* x, const std::byte* dy, std::int64_t group, std::int64_t row,
                std::byte* result, std::byte* own) const {
    const std::int64_t end = std::min(depth(), row + chunk()), width = functions->panel_width;
    const simd::Product p{.m = depth(), .k = patches.rows(), .n = sizes.o};
    const simd::LeftSide turned{.row_step = 1, .depth_step = end - row, .tile_step = functions->tile_rows};
    std::byte* const panel = own + patches_bytes();
    for (std::int64_t place = 0; place < p.k; place += kBlockDepth) {
      const simd::Depth places{place, std::min(p.k, place + kBlockDepth)};
      patches.gather(x, group, places.from, places.to, row, end, own);
      for (std::int64_t column = 0; column < sizes.group_o(); column += width) {
        const simd::Columns columns{group * sizes.group_o() + column,
                                    std::min(width, sizes.group_o() - column)};
        functions->pack_b(p, dy, columns, places, panel);
        functions->panel(turned, own, panel, places.to - place, {end - row, columns.count, p.n, place > 0},
                         result + (row * p.n + columns.first) * element());
      }
    }
  }

  // weight[o, c, a, b] = result[(a, b, c), o].
  template <class T>
  void unpack(const T* result, std::int64_t first, std::int64_t last, T* weight) const {
    const std::int64_t taps = sizes.rows.kernel * sizes.columns.kernel, cs = sizes.group_c();
    for (std::int64_t o = first; o < last; ++o) {
      for (std::int64_t c = 0; c < cs; ++c) {
        for (std::int64_t tap = 0; tap < taps; ++tap)
          weight[(o * cs + c) * taps + tap] = result[(tap * cs + c) * sizes.o + o];
      }
    }
  }
};

KernelChoice prepare(const KernelRequest& request) {
  const Node& node = request.node;
  const DType dtype = node.in[0].dtype();
  const Conv2dSizes sizes =
      conv2d_weight_grad_sizes(node.attr<Conv2dOptions>(), node.in[0].shape(), node.in[1].shape());
  if (!sizes.channels_last) return std::string("no code for channels first");
  if (sizes.products() == 0) return std::string("there are no products");
  if (simd::thin_groups(sizes)) return std::string("the groups are too thin");
  const simd::MatmulFunctions* functions = simd::find_matmul(dtype);
  if (functions == nullptr) return "no vector code for " + std::string(name(dtype));
  const WeightGradient gradient{sizes, dtype, functions,
                                sizes.products() < kParallelProduct ? 1 : request.threads};
  return make_kernel(
      [gradient](const Bindings& b) {
        return make_launch([gradient, x = b.in[0].data(), dy = b.in[1].data(), out = b.out[0].data(),
                            scratch = b.scratch] { gradient.run(x, dy, out, scratch); });
      },
      gradient.scratch_bytes());
}

}  // namespace

void add_conv_weight_grad_kernels(KernelSet& kernels) {
  kernels.add(conv2d_weight_grad_op, {"simd.conv2d_weight_grad", prepare});
}

}  // namespace gradus
