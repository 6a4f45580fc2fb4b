// layer_norm and its gradient, row by row.
#include <cmath>

#include "base/parallel.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "kernels/simd/norm.h"
#include "ops/defs.h"
#include "tensor/dispatch.h"

namespace gradus {

namespace {

using simd::NormFunctions;

constexpr std::int64_t kParallelElements = 32768;

template <class T>
void normalize(const NormFunctions& f, const T* x, std::size_t n, double epsilon, T* y, T* inverse) {
  T center, d, dd;
  f.line_moments(x, n, &center, &d, &dd);
  const double count = static_cast<double>(n), off = static_cast<double>(d) / count;
  const double variance = static_cast<double>(dd) / count - off * off;
  const double r = 1 / std::sqrt((variance < 0 ? 0 : variance) + epsilon);  // below 0 by rounding only
  *inverse = static_cast<T>(r);
  const T shift = static_cast<T>(-off * r);  // what the mean lost when it was rounded
  f.line_affine(x, n, &center, inverse, &shift, y);
}

template <class T>
void gradient(const NormFunctions& f, const T* y, T inverse, const T* dy, std::size_t n, T* dx) {
  const T none = 0;
  T s_dy, s_dyy;
  f.line_products(y, dy, n, &none, &s_dy, &s_dyy);
  const T b = -s_dyy / static_cast<T>(n), c = s_dy / static_cast<T>(n);
  f.line_combine(y, dy, n, &none, &inverse, &b, &c, dx);
}

// run(functions, bindings, row, elements of a row, a zero of the element type) for each row.
template <class Run>
KernelChoice prepare(const KernelRequest& request, std::int64_t rows, Run run) {
  const Type& x = request.node.in[0].type();
  const NormFunctions* functions = simd::find_norm(x.dtype);
  if (functions == nullptr) return "no vector code for " + std::string(name(x.dtype));
  const std::int64_t n = rows == 0 ? 0 : x.shape.size() / rows;
  const int threads = x.shape.size() < kParallelElements ? 1 : request.threads;
  return make_kernel([=, dtype = x.dtype](const Bindings& b) {
    return make_launch([=] {
      dispatch_float(dtype, [&](auto zero) {
        parallel_for(rows, 1, threads, [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t row = begin; row < end; ++row) run(*functions, b, row, n, zero);
        });
      });
    });
  });
}

KernelChoice prepare_forward(const KernelRequest& request) {
  const double epsilon = request.node.attr<LayerNormOptions>().epsilon;
  return prepare(request, request.node.out[1].shape.size(),
                 [=](const NormFunctions& f, const Bindings& b, std::int64_t row, std::int64_t n, auto zero) {
                   using T = decltype(zero);
                   normalize(f, b.in[0].values<const T>().data() + row * n, static_cast<std::size_t>(n),
                             epsilon, b.out[0].values<T>().data() + row * n,
                             b.out[1].values<T>().data() + row);
                 });
}

KernelChoice prepare_gradient(const KernelRequest& request) {
  return prepare(request, request.node.in[1].shape().size(),
                 [](const NormFunctions& f, const Bindings& b, std::int64_t row, std::int64_t n, auto zero) {
                   using T = decltype(zero);
                   gradient(f, b.in[0].values<const T>().data() + row * n,
                            b.in[1].values<const T>()[static_cast<std::size_t>(row)],
                            b.in[2].values<const T>().data() + row * n, static_cast<std::size_t>(n),
                            b.out[0].values<T>().data() + row * n);
                 });
}

}  // namespace

void add_layer_norm_kernels(KernelSet& kernels) {
  kernels.add(layer_norm_op, {"simd.layer_norm", prepare_forward});
  kernels.add(layer_norm_grad_op, {"simd.layer_norm_grad", prepare_gradient});
}

}  // namespace gradus
