// Convolutions with a filter for each channel: no product of matrices, but a row of the image times a tap of
// the kernel at a time. Each row of a result, or tap of the gradient, is one thread's.
#include "kernels/simd/depthwise.h"

#include "base/buffer.h"
#include "base/parallel.h"
#include "kernels/kernels.h"
#include "ops/defs.h"
#include "ops/support/conv.h"

namespace gradus {

namespace {

constexpr std::int64_t kParallelProduct = 1 << 17;  // multiply-adds worth a second thread

template <class T>
struct Depthwise {
  Conv2dSizes s;
  const simd::DepthwiseFunctions* functions;
  int threads;

  std::int64_t taps() const { return s.rows.kernel * s.columns.kernel; }
  std::int64_t x_at(std::int64_t n, std::int64_t h, std::int64_t w) const {
    return ((n * s.rows.x + h) * s.columns.x + w) * s.c;
  }
  std::int64_t y_at(std::int64_t n, std::int64_t i, std::int64_t j) const {
    return ((n * s.rows.y + i) * s.columns.y + j) * s.c;
  }

  // conv2d; `taps_first` is scratch for the weight as [taps, C].
  void forward(const T* x, const T* weight, T* y, T* taps_first) const {
    turn(weight, s.c, taps(), taps_first);
    parallel_for(s.n * s.rows.y, 1, threads, [&](std::int64_t first, std::int64_t last) {
      std::fill(y + first * s.columns.y * s.c, y + last * s.columns.y * s.c, T(0));
      for (std::int64_t row = first; row < last; ++row) {
        const std::int64_t n = row / s.rows.y, i = row % s.rows.y;
        for (std::int64_t a = 0; a < s.rows.kernel; ++a) {
          const std::int64_t h = s.rows.at(i, a);
          if (h < 0 || h >= s.rows.x) continue;
          each_column_tap(a, [&](std::int64_t tap, std::int64_t w, std::int64_t j, std::int64_t count) {
            functions->spread({count, s.c}, x + x_at(n, h, w), x_step(), taps_first + tap * s.c,
                              y + y_at(n, i, j), s.c);
          });
        }
      }
    });
  }

  // conv_transpose2d.
  void transposed(const T* y, const T* weight, T* x, T* taps_first) const {
    turn(weight, s.c, taps(), taps_first);
    parallel_for(s.n * s.rows.x, 1, threads, [&](std::int64_t first, std::int64_t last) {
      std::fill(x + first * s.columns.x * s.c, x + last * s.columns.x * s.c, T(0));
      for (std::int64_t row = first; row < last; ++row) {
        const std::int64_t n = row / s.rows.x, h = row % s.rows.x;
        for (std::int64_t a = 0; a < s.rows.kernel; ++a) {
          const std::int64_t distance = h - s.rows.at(0, a), i = distance / s.rows.stride;
          if (distance < 0 || distance % s.rows.stride != 0 || i >= s.rows.y) continue;
          each_column_tap(a, [&](std::int64_t tap, std::int64_t w, std::int64_t j, std::int64_t count) {
            functions->spread({count, s.c}, y + y_at(n, i, j), s.c, taps_first + tap * s.c, x + x_at(n, h, w),
                              x_step());
          });
        }
      }
    });
  }

  // conv2d_weight_grad.
  void weight_grad(const T* x, const T* dy, T* weight, T* taps_first) const {
    std::fill_n(taps_first, taps() * s.c, T(0));
    parallel_for(s.rows.kernel, 1, threads, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t a = first; a < last; ++a) {
        const auto [top, bottom] = s.rows.inside(a);
        for (std::int64_t row = 0; row < s.n * (bottom - top); ++row) {
          const std::int64_t n = row / (bottom - top), i = top + row % (bottom - top), h = s.rows.at(i, a);
          each_column_tap(a, [&](std::int64_t tap, std::int64_t w, std::int64_t j, std::int64_t count) {
            functions->collect({count, s.c}, x + x_at(n, h, w), x_step(), dy + y_at(n, i, j), s.c,
                               taps_first + tap * s.c);
          });
        }
      }
    });
    turn(taps_first, taps(), s.c, weight);
  }

 private:
  std::int64_t x_step() const { return s.columns.stride * s.c; }

  // body(tap, column of x, column of y, number of columns) for the taps of row a of the kernel.
  template <class Body>
  void each_column_tap(std::int64_t a, Body&& body) const {
    for (std::int64_t b = 0; b < s.columns.kernel; ++b) {
      const auto [left, right] = s.columns.inside(b);
      if (left < right) body(a * s.columns.kernel + b, s.columns.at(left, b), left, right - left);
    }
  }

  // to[j, i] = from[i, j].
  static void turn(const T* from, std::int64_t rows, std::int64_t columns, T* to) {
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < columns; ++j) to[j * rows + i] = from[i * columns + j];
    }
  }
};

using Sizes = Conv2dSizes (*)(const Conv2dOptions&, const Shape&, const Shape&);
enum class Way { forward, transposed, weight_grad };

template <Sizes sizes_of, Way way>
KernelChoice prepare(const KernelRequest& request) {
  const Node& node = request.node;
  const DType dtype = node.in[0].dtype();
  const Conv2dSizes sizes = sizes_of(node.attr<Conv2dOptions>(), node.in[0].shape(), node.in[1].shape());
  if (sizes.groups != sizes.c || sizes.groups != sizes.o) return std::string("not a filter for each channel");
  if (!sizes.channels_last) return std::string("no code for channels first");
  const simd::DepthwiseFunctions* functions = simd::find_depthwise(dtype);
  if (functions == nullptr) return "no vector code for " + std::string(name(dtype));
  const int threads = sizes.products() < kParallelProduct ? 1 : request.threads;
  const std::size_t scratch = align_up(Type{dtype, sizes.weight()}.bytes());
  return dispatch_float(dtype, [&](auto zero) -> KernelChoice {
    using T = decltype(zero);
    return make_kernel(
        [all = Depthwise<T>{sizes, functions, threads}](const Bindings& b) {
          return make_launch([all, in0 = reinterpret_cast<const T*>(b.in[0].data()),
                              in1 = reinterpret_cast<const T*>(b.in[1].data()),
                              out = reinterpret_cast<T*>(b.out[0].data()),
                              taps_first = reinterpret_cast<T*>(b.scratch)] {
            if constexpr (way == Way::forward)
              all.forward(in0, in1, out, taps_first);
            else if constexpr (way == Way::transposed)
              all.transposed(in0, in1, out, taps_first);
            else
              all.weight_grad(in0, in1, out, taps_first);
          });
        },
        scratch);
  });
}

}  // namespace

void add_depthwise_kernels(KernelSet& kernels) {
  kernels.add(conv2d_op, {"simd.depthwise", prepare<conv2d_sizes, Way::forward>});
  kernels.add(conv_transpose2d_op, {"simd.depthwise", prepare<conv_transpose2d_sizes, Way::transposed>});
  kernels.add(conv2d_weight_grad_op, {"simd.depthwise", prepare<conv2d_weight_grad_sizes, Way::weight_grad>});
}

}  // namespace gradus
