// conv2d for few filters, of which a vector could hold only some: the taps lie side by side as columns of one
// product, z[place of x, tap, filter], and each place of y adds up what its taps see.
#include <array>
#include <vector>

#include "base/buffer.h"
#include "base/parallel.h"
#include "kernels/kernels.h"
#include "kernels/simd/matmul.h"
#include "kernels/simd/tap_sums.h"
#include "ops/defs.h"
#include "ops/support/conv.h"

namespace gradus {

namespace {

constexpr std::int64_t kFewestImages = 8;  // threads share images
constexpr std::int64_t kFewestChannels = 16;
constexpr std::int64_t kMostTaps = 25;
constexpr std::int64_t kBlockBytes = 64 << 10;      // of z, half of what is kept: a part of the second cache
constexpr std::int64_t kParallelProduct = 1 << 18;  // multiply-adds worth a second thread

struct NarrowConv {
  Conv2dSizes sizes;
  const simd::MatmulFunctions* functions;
  simd::TapSums tap_sums;
  int threads;

  std::int64_t taps() const { return sizes.rows.kernel * sizes.columns.kernel; }
  std::int64_t columns() const { return taps() * sizes.o; }
  std::int64_t lanes() const { return functions->panel_width / 2; }
  std::int64_t row() const { return (columns() + lanes() - 1) / lanes() * lanes(); }  // of z
  std::int64_t panels() const { return (row() + functions->panel_width - 1) / functions->panel_width; }
  // Lines of x whose products are made at once. Those before them are kept: taps reach `span` lines.
  std::int64_t block() const {
    const std::int64_t line = sizes.columns.x * row() * static_cast<std::int64_t>(sizeof(float));
    return std::min(sizes.rows.x,
                    std::max(sizes.rows.span() - 1, std::max<std::int64_t>(1, kBlockBytes / line)));
  }
  std::size_t weight_bytes() const {
    return align_up(static_cast<std::size_t>(panels() * sizes.c * functions->panel_width) * sizeof(float));
  }
  std::size_t z_bytes() const {  // of one thread
    const std::int64_t elements = 2 * block() * sizes.columns.x * row() + simd::kTapSumsSlack;
    return align_up(static_cast<std::size_t>(elements) * sizeof(float));
  }
  std::size_t scratch_bytes() const { return weight_bytes() + z_bytes() * static_cast<std::size_t>(threads); }

  void run(const float* x, const float* weight, float* y, std::byte* scratch) const {
    auto* const packed = reinterpret_cast<float*>(scratch);
    parallel_for(panels(), 1, threads, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t panel = first; panel < last; ++panel)
        pack(weight, panel, packed + panel * sizes.c * functions->panel_width);
    });
    parallel_for(sizes.n, 1, threads, [&](int thread, std::int64_t first, std::int64_t last) {
      auto* const z =
          reinterpret_cast<float*>(scratch + weight_bytes() + z_bytes() * static_cast<std::size_t>(thread));
      for (std::int64_t n = first; n < last; ++n) {
        convolve(x + n * sizes.rows.x * sizes.columns.x * sizes.c, packed, z,
                 y + n * sizes.rows.y * sizes.columns.y * sizes.o);
      }
    });
  }

 private:
  // A panel of the weight as [c][panel_width]: column (tap, o), zeros behind the last.
  void pack(const float* weight, std::int64_t panel, float* packed) const {
    const std::int64_t width = functions->panel_width;
    for (std::int64_t j = 0; j < width; ++j) {
      const std::int64_t column = panel * width + j, tap = column / sizes.o, o = column % sizes.o;
      for (std::int64_t c = 0; c < sizes.c; ++c)
        packed[c * width + j] = column < columns() ? weight[(o * sizes.c + c) * taps() + tap] : 0.0F;
    }
  }

  void convolve(const float* x, const float* packed, float* z, float* y) const {
    const std::int64_t lines = block(), height = sizes.rows.x;
    std::int64_t done = 0;  // lines of y
    for (std::int64_t line = 0; line < height; line += lines) {
      const std::int64_t end = std::min(height, line + lines);
      multiply(x + line * sizes.columns.x * sizes.c, packed, (end - line) * sizes.columns.x, z_line(z, line));
      for (; done < sizes.rows.y; ++done) {
        if (end < height && sizes.rows.at(done, sizes.rows.kernel - 1) >= end) break;
        sum_line(z, done, y + done * sizes.columns.y * sizes.o);
      }
    }
  }

  float* z_line(float* z, std::int64_t line) const {
    return z + line % (2 * block()) * sizes.columns.x * row();
  }

  // z[places, row()] = x[places, c] packed
  void multiply(const float* x, const float* packed, std::int64_t places, float* z) const {
    const auto left = simd::LeftSide::rows(sizes.c, functions->tile_rows);
    const std::int64_t width = functions->panel_width, depth = simd::block_depth(sizes.c);
    for (std::int64_t c = 0; c < sizes.c; c += depth) {
      for (std::int64_t panel = 0; panel < panels(); ++panel) {
        functions->panel(left, x + c, packed + (panel * sizes.c + c) * width, std::min(depth, sizes.c - c),
                         {places, std::min(width, row() - panel * width), row(), c > 0}, z + panel * width);
      }
    }
  }

  // Neighbours that see the same taps are summed together.
  void sum_line(float* z, std::int64_t i, float* y) const {
    const auto inside = [&](std::int64_t j, std::int64_t b) {
      const std::int64_t at = sizes.columns.at(j, b);
      return at >= 0 && at < sizes.columns.x;
    };
    const auto alike = [&](std::int64_t j, std::int64_t other) {
      for (std::int64_t b = 0; b < sizes.columns.kernel; ++b)
        if (inside(j, b) != inside(other, b)) return false;
      return true;
    };
    for (std::int64_t j = 0, end = 0; j < sizes.columns.y; j = end) {
      for (end = j + 1; end < sizes.columns.y && alike(j, end);) ++end;
      std::array<const float*, kMostTaps> seen;
      std::size_t count = 0;
      for (std::int64_t a = 0; a < sizes.rows.kernel; ++a) {
        const std::int64_t line = sizes.rows.at(i, a);
        if (line < 0 || line >= sizes.rows.x) continue;
        for (std::int64_t b = 0; b < sizes.columns.kernel; ++b) {
          if (!inside(j, b)) continue;
          seen[count++] =
              z_line(z, line) + sizes.columns.at(j, b) * row() + (a * sizes.columns.kernel + b) * sizes.o;
        }
      }
      if (count == 0) {
        std::fill_n(y + j * sizes.o, (end - j) * sizes.o, 0.0F);
      } else {
        tap_sums({seen.data(), count}, row(), sizes.o, end - j, y + j * sizes.o);
      }
    }
  }
};

// Lanes that are used, of those that `width` columns take.
double filled(std::int64_t width, std::int64_t lanes) {
  return static_cast<double>(width) / static_cast<double>((width + lanes - 1) / lanes * lanes);
}

KernelChoice prepare(const KernelRequest& request) {
  constexpr double kGain = 1.1;  // worth another pass over z
  const Node& node = request.node;
  if (node.in[0].dtype() != DType::f32) return std::string("it takes f32 only");
  const Conv2dSizes sizes = conv2d_sizes(node.attr<Conv2dOptions>(), node.in[0].shape(), node.in[1].shape());
  if (!sizes.channels_last) return std::string("no code for channels first");
  if (sizes.groups != 1 || sizes.products() == 0) return std::string("groups, or no products");
  if (sizes.rows.stride != 1 || sizes.columns.stride != 1) return std::string("no code for strides");
  if (sizes.n < kFewestImages || sizes.c < kFewestChannels) return std::string("too few images or channels");
  const simd::MatmulFunctions* functions = simd::find_matmul(DType::f32);
  if (functions == nullptr) return std::string("no vector code for f32");
  const NarrowConv conv{sizes, functions, simd::find_tap_sums(),
                        sizes.products() < kParallelProduct ? 1 : request.threads};
  if (conv.taps() > kMostTaps) return std::string("too many taps");
  if (filled(conv.columns(), conv.lanes()) < kGain * filled(sizes.o, conv.lanes()))
    return std::string("the filters fill vectors by themselves");
  return make_kernel(
      [conv](const Bindings& b) {
        return make_launch(
            [conv, x = b.in[0].values<const float>().data(), weight = b.in[1].values<const float>().data(),
             y = b.out[0].values<float>().data(), scratch = b.scratch] { conv.run(x, weight, y, scratch); });
      },
      conv.scratch_bytes());
}

}  // namespace

void add_narrow_conv_kernels(KernelSet& kernels) { kernels.add(conv2d_op, {"simd.conv2d_narrow", prepare}); }

}  // namespace gradus
