// conv2d_weight_grad for few filters, of which a vector could hold only some: its lanes hold channels
// instead.
#include <algorithm>

#include "base/buffer.h"
#include "base/parallel.h"
#include "kernels/kernels.h"
#include "kernels/simd/outer.h"
#include "ops/defs.h"
#include "ops/support/conv.h"

namespace gradus {

namespace {

constexpr std::int64_t kUnits = 8;  // each with sums of its own, whatever the number of threads
constexpr std::int64_t kFewestChannels = 16;
constexpr std::size_t kLinesBytes = 24 << 10;       // of x, to stay in the first cache for all taps
constexpr std::int64_t kParallelProduct = 1 << 18;  // multiply-adds worth a second thread

struct NarrowWeightGradient {
  Conv2dSizes sizes;
  const simd::OuterFunctions* functions;
  int threads;

  std::int64_t taps() const { return sizes.rows.kernel * sizes.columns.kernel; }
  std::int64_t units() const { return std::min(kUnits, sizes.n); }
  std::int64_t sums() const { return taps() * sizes.o * sizes.c; }  // of a unit: [tap, o, c]
  std::size_t scratch_bytes() const {
    return static_cast<std::size_t>(units()) * align_up(static_cast<std::size_t>(sums()) * sizeof(float));
  }
  float* partial(std::byte* scratch, std::int64_t unit) const {
    return reinterpret_cast<float*>(scratch + static_cast<std::size_t>(unit) *
                                                  align_up(static_cast<std::size_t>(sums()) * sizeof(float)));
  }

  void run(const float* x, const float* dy, float* weight, std::byte* scratch) const {
    parallel_for(units(), 1, threads, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t unit = first; unit < last; ++unit) {
        float* const sum = partial(scratch, unit);
        std::fill_n(sum, sums(), 0.0F);
        for (std::int64_t n = sizes.n * unit / units(); n < sizes.n * (unit + 1) / units(); ++n) {
          add_image(x + n * sizes.rows.x * sizes.columns.x * sizes.c,
                    dy + n * sizes.rows.y * sizes.columns.y * sizes.o, sum);
        }
      }
    });
    parallel_for(sizes.o, 1, threads, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t o = first; o < last; ++o) join(scratch, o, weight);
    });
  }

 private:
  void add_image(const float* x, const float* dy, float* sum) const {
    const std::int64_t width = functions->most_columns;
    const auto line_bytes = static_cast<std::size_t>(sizes.columns.x * width) * sizeof(float);
    const std::int64_t lines = std::max<std::int64_t>(1, static_cast<std::int64_t>(kLinesBytes / line_bytes));
    for (std::int64_t c = 0; c < sizes.c; c += width) {
      for (std::int64_t line = 0; line < sizes.rows.y; line += lines)
        add_lines(x + c, dy, sum + c, line, line + lines, std::min(width, sizes.c - c));
    }
  }

  // The lines of dy from first to before last, with every tap, in some channels.
  void add_lines(const float* x, const float* dy, float* sum, std::int64_t first, std::int64_t last,
                 std::int64_t channels) const {
    const std::int64_t x_line = sizes.columns.x * sizes.c, y_line = sizes.columns.y * sizes.o;
    for (std::int64_t a = 0; a < sizes.rows.kernel; ++a) {
      const auto [uppermost, lowest] = sizes.rows.inside(a);
      const std::int64_t top = std::max(uppermost, first), bottom = std::min(lowest, last);
      for (std::int64_t b = 0; b < sizes.columns.kernel; ++b, sum += sizes.o * sizes.c) {
        const auto [left, right] = sizes.columns.inside(b);
        if (top >= bottom || left >= right) continue;
        functions->add({.a = dy + top * y_line + left * sizes.o,
                        .b = x + sizes.rows.at(top, a) * x_line + sizes.columns.at(left, b) * sizes.c,
                        .a_step = sizes.o,
                        .b_step = sizes.columns.stride * sizes.c,
                        .a_line = y_line,
                        .b_line = sizes.rows.stride * x_line,
                        .places = right - left,
                        .lines = bottom - top,
                        .sum = sum,
                        .sum_step = sizes.c,
                        .columns = channels});
      }
    }
  }

  // weight[o, c, tap], from the units in order.
  void join(std::byte* scratch, std::int64_t o, float* weight) const {
    for (std::int64_t tap = 0; tap < taps(); ++tap) {
      float* const total = partial(scratch, 0) + (tap * sizes.o + o) * sizes.c;
      for (std::int64_t unit = 1; unit < units(); ++unit) {
        const float* const more = partial(scratch, unit) + (tap * sizes.o + o) * sizes.c;
        for (std::int64_t c = 0; c < sizes.c; ++c) total[c] += more[c];
      }
      for (std::int64_t c = 0; c < sizes.c; ++c) weight[(o * sizes.c + c) * taps() + tap] = total[c];
    }
  }
};

KernelChoice prepare(const KernelRequest& request) {
  const Node& node = request.node;
  if (node.in[0].dtype() != DType::f32) return std::string("it takes f32 only");
  const Conv2dSizes sizes =
      conv2d_weight_grad_sizes(node.attr<Conv2dOptions>(), node.in[0].shape(), node.in[1].shape());
  if (!sizes.channels_last) return std::string("no code for channels first");
  if (sizes.groups != 1 || sizes.products() == 0) return std::string("groups, or no products");
  const simd::OuterFunctions* functions = simd::find_outer(sizes.o);
  if (functions == nullptr) return std::string("not 4, 8 or 12 filters, or no vectors long enough");
  if (sizes.c < kFewestChannels) return std::string("too few channels");
  const NarrowWeightGradient gradient{sizes, functions,
                                      sizes.products() < kParallelProduct ? 1 : request.threads};
  return make_kernel(
      [gradient](const Bindings& b) {
        return make_launch([gradient, x = b.in[0].values<const float>().data(),
                            dy = b.in[1].values<const float>().data(), out = b.out[0].values<float>().data(),
                            scratch = b.scratch] { gradient.run(x, dy, out, scratch); });
      },
      gradient.scratch_bytes());
}

}  // namespace

void add_narrow_weight_grad_kernels(KernelSet& kernels) {
  kernels.add(conv2d_weight_grad_op, {"simd.conv2d_weight_grad_narrow", prepare});
}

}  // namespace gradus
