// conv2d and conv_transpose2d as products of patches with the weight, a tile of patches at a time.
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

constexpr std::int64_t kTileBytes = 1 << 18;        // of patches: a part of the second cache
constexpr std::int64_t kLargestTile = 96;           // rows
constexpr std::int64_t kParallelProduct = 1 << 18;  // multiply-adds worth a second thread

// result[places, groups x columns] = patches of each group times the weight of each group.
struct PatchProduct {
  Conv2dSizes sizes;
  Patches::Kind kind;
  DType dtype;
  const simd::MatmulFunctions* functions;
  int threads;
  Patches patches{sizes, kind, dtype};

  std::int64_t element() const { return static_cast<std::int64_t>(size_of(dtype)); }
  std::int64_t depth() const { return patches.depth(); }
  std::int64_t columns() const { return kind == Patches::forward ? sizes.group_o() : sizes.group_c(); }
  std::int64_t all_columns() const { return columns() * sizes.groups; }
  std::int64_t panels() const { return (columns() + functions->panel_width - 1) / functions->panel_width; }
  std::int64_t tile_rows() const {
    const std::int64_t rows = functions->tile_rows;
    return std::clamp(kTileBytes / (depth() * element()) / rows * rows, rows, kLargestTile);
  }
  std::size_t weight_bytes() const {
    return align_up(
        static_cast<std::size_t>(sizes.groups * panels() * depth() * functions->panel_width * element()));
  }
  std::size_t tile_bytes() const {  // of one thread
    return patches.is_image() ? 0 : align_up(static_cast<std::size_t>(tile_rows() * depth() * element()));
  }
  std::size_t scratch_bytes() const {
    return weight_bytes() + tile_bytes() * static_cast<std::size_t>(threads);
  }

  void run(const std::byte* image, const std::byte* weight, std::byte* result, std::byte* scratch) const {
    parallel_for(sizes.groups * panels(), 1, threads, [&](std::int64_t first, std::int64_t last) {
      dispatch_float(dtype, [&](auto zero) {
        using T = decltype(zero);
        for (std::int64_t panel = first; panel < last; ++panel) {
          pack_weight(reinterpret_cast<const T*>(weight), panel,
                      reinterpret_cast<T*>(scratch) + panel * depth() * functions->panel_width);
        }
      });
    });
    const std::int64_t tile = tile_rows(), tiles = (patches.rows() + tile - 1) / tile;
    parallel_for(tiles, 1, threads, [&](int thread, std::int64_t first, std::int64_t last) {
      std::byte* const matrix = scratch + weight_bytes() + tile_bytes() * static_cast<std::size_t>(thread);
      for (std::int64_t t = first; t < last; ++t) {
        const std::int64_t begin = t * tile, end = std::min(patches.rows(), begin + tile);
        for (std::int64_t group = 0; group < sizes.groups; ++group)
          multiply(image, group, begin, end, scratch, result, matrix);
      }
    });
  }

 private:
  // One panel of a group's weight as [depth][panel_width], zeros behind its columns; in the order of patches.
  template <class T>
  void pack_weight(const T* weight, std::int64_t panel, T* packed) const {
    const std::int64_t group = panel / panels(), column = panel % panels() * functions->panel_width;
    const std::int64_t width = functions->panel_width, used = std::min(width, columns() - column);
    const std::int64_t kh = sizes.rows.kernel, kw = sizes.columns.kernel, taps = kh * kw,
                       cs = sizes.group_c();
    const bool forward = kind == Patches::forward;
    const std::int64_t channels = depth() / taps;
    for (std::int64_t tap = 0; tap < taps; ++tap) {
      for (std::int64_t channel = 0; channel < channels; ++channel, packed += width) {
        for (std::int64_t j = 0; j < used; ++j) {
          const std::int64_t o = group * sizes.group_o() + (forward ? column + j : channel);
          const std::int64_t c = forward ? channel : column + j;
          packed[j] = weight[(o * cs + c) * taps + (forward ? tap : taps - 1 - tap)];
        }
        std::fill(packed + used, packed + width, T(0));
      }
    }
  }

  // Rows [begin, end) of one group's columns.
  void multiply(const std::byte* image, std::int64_t group, std::int64_t begin, std::int64_t end,
                const std::byte* weight, std::byte* result, std::byte* matrix) const {
    const std::byte* a = image + begin * depth() * element();
    if (!patches.is_image()) {
      patches.gather(image, group, begin, end, 0, depth(), matrix);
      a = matrix;
    }
    const auto left = simd::LeftSide::rows(depth(), functions->tile_rows);
    const std::int64_t width = functions->panel_width;
    for (std::int64_t l = 0; l < depth(); l += kBlockDepth) {
      for (std::int64_t panel = 0; panel < panels(); ++panel) {
        const std::int64_t column = panel * width, used = std::min(width, columns() - column);
        functions->panel(left, a + l * element(),
                         weight + ((group * panels() + panel) * depth() + l) * width * element(),
                         std::min(kBlockDepth, depth() - l), {end - begin, used, all_columns(), l > 0},
                         result + (begin * all_columns() + group * columns() + column) * element());
      }
    }
  }
};

using Sizes = Conv2dSizes (*)(const Conv2dOptions&, const Shape&, const Shape&);

template <Sizes sizes_of, Patches::Kind kind>
KernelChoice prepare(const KernelRequest& request) {
  const Node& node = request.node;
  const DType dtype = node.in[0].dtype();
  const Conv2dSizes sizes = sizes_of(node.attr<Conv2dOptions>(), node.in[0].shape(), node.in[1].shape());
  if (!sizes.channels_last) return std::string("no code for channels first");
  if (sizes.products() == 0) return std::string("there are no products");
  if (simd::thin_groups(sizes)) return std::string("the groups are too thin");
  const simd::MatmulFunctions* functions = simd::find_matmul(dtype);
  if (functions == nullptr) return "no vector code for " + std::string(name(dtype));
  const PatchProduct product{sizes, kind, dtype, functions,
                             sizes.products() < kParallelProduct ? 1 : request.threads};
  return make_kernel(
      [product](const Bindings& b) {
        return make_launch([product, in = b.in[0].data(), w = b.in[1].data(), out = b.out[0].data(),
                            scratch = b.scratch] { product.run(in, w, out, scratch); });
      },
      product.scratch_bytes());
}

}  // namespace

void add_conv_kernels(KernelSet& kernels) {
  kernels.add(conv2d_op, {"simd.conv2d", prepare<conv2d_sizes, Patches::forward>});
  kernels.add(conv_transpose2d_op,
              {"simd.conv_transpose2d", prepare<conv_transpose2d_sizes, Patches::transposed>});
}

}  // namespace gradus
