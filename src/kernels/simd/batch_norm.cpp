// batch_norm and its gradient: sums over parts of x, joined in double; then one map over x.
#include <algorithm>
#include <cmath>

#include "base/buffer.h"
#include "base/parallel.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "kernels/simd/batch_cut.h"
#include "kernels/simd/norm.h"
#include "ops/defs.h"
#include "tensor/dispatch.h"

namespace gradus {

namespace {

using simd::BatchCut;
using simd::BatchGroup;
using simd::NormFunctions;

constexpr std::int64_t kParallelElements = 32768;

// Scratch: two doubles for each channel; the partial sums, `kPartials` rows as wide as a group for each; the
// numbers of the map, `kFactors` such rows.
constexpr std::size_t kPartials = 3, kFactors = 4;

// A group of columns, or one line.
template <class T>
struct Piece {
  std::size_t first, rows, width;
  T *partial, *factors;  // of its first column; rows of these are BatchCut::width() apart
};

template <class T>
class Batch {
 public:
  Batch(const BatchCut& cut, const NormFunctions& functions, int threads, std::byte* scratch)
      : cut_(cut), f_(functions), threads_(threads) {
    first_ = reinterpret_cast<double*>(scratch);
    second_ = first_ + cut.channels();
    partials_ = reinterpret_cast<T*>(scratch + align_up(2 * cut.channels() * sizeof(double)));
    factors_ = partials_ + cut.groups() * kPartials * cut.width();
  }
  static std::size_t scratch_bytes(const BatchCut& cut) {
    return align_up(2 * cut.channels() * sizeof(double)) +
           (cut.groups() * kPartials + kFactors) * cut.width() * sizeof(T);
  }

  template <class E>
  void moments(const E* x, double* mean, double* variance) const {
    find_moments(x);
    std::copy_n(first_, cut_.channels(), mean);
    std::copy_n(second_, cut_.channels(), variance);
  }

  void normalize(const T* x, const T* scale, const T* shift, double epsilon, T* y, T* mean,
                 T* variance) const {
    find_moments(x);
    for (std::size_t c = 0; c < cut_.channels(); ++c) {
      const double factor = static_cast<double>(scale[c]) / std::sqrt(second_[c] + epsilon);
      mean[c] = static_cast<T>(first_[c]);
      variance[c] = static_cast<T>(second_[c]);
      // What the mean loses when it is rounded goes into the shift.
      const double lost = static_cast<double>(mean[c]) - first_[c];
      set_factors(c, {static_cast<double>(mean[c]), factor, static_cast<double>(shift[c]) + lost * factor});
    }
    each_piece([&](const Piece<T>& p) {
      const T *center = p.factors, *factor = row(center, 1), *add = row(center, 2);
      if (cut_.lines())
        f_.line_affine(x + p.first, p.rows, center, factor, add, y + p.first);
      else
        f_.column_affine(x + p.first, p.rows, p.width, center, factor, add, y + p.first);
    });
  }

  void gradient(const T* x, const T* scale, const T* mean, const T* variance, const T* dy, double epsilon,
                T* dx, T* dscale, T* dshift) const {
    for (std::size_t c = 0; c < cut_.channels(); ++c) set_factors(c, {static_cast<double>(mean[c])});
    each_piece([&](const Piece<T>& p) {
      T *s_dy = p.partial, *s_dyd = row(s_dy, 1);
      if (cut_.lines())
        f_.line_products(x + p.first, dy + p.first, p.rows, p.factors, s_dy, s_dyd);
      else
        f_.column_products(x + p.first, dy + p.first, p.rows, p.width, p.factors, s_dy, s_dyd);
    });
    join_sums();
    for (std::size_t c = 0; c < cut_.channels(); ++c) {
      const double r = 1 / std::sqrt(static_cast<double>(variance[c]) + epsilon);
      const double s_dy = first_[c], s_dyu = second_[c] * r, a = static_cast<double>(scale[c]) * r;
      dscale[c] = static_cast<T>(s_dyu);
      dshift[c] = static_cast<T>(s_dy);
      set_factors(c, {static_cast<double>(mean[c]), a, -r * s_dyu / cut_.count(), s_dy / cut_.count()});
    }
    each_piece([&](const Piece<T>& p) {
      const T *center = p.factors, *a = row(center, 1), *b = row(center, 2), *add = row(center, 3);
      if (cut_.lines())
        f_.line_combine(x + p.first, dy + p.first, p.rows, center, a, b, add, dx + p.first);
      else
        f_.column_combine(x + p.first, dy + p.first, p.rows, p.width, center, a, b, add, dx + p.first);
    });
  }

 private:
  template <class U>
  U* row(U* first, std::size_t number) const {
    return first + number * cut_.width();
  }

  template <class Body>
  void each_piece(Body&& body) const {
    parallel_for(
        static_cast<std::int64_t>(cut_.pieces()), 1, threads_, [&](std::int64_t begin, std::int64_t end) {
          for (auto piece = static_cast<std::size_t>(begin); piece < static_cast<std::size_t>(end); ++piece) {
            const std::size_t number = cut_.lines() ? piece / cut_.channels() : piece;
            const std::size_t column = cut_.lines() ? piece % cut_.channels() : 0;
            const BatchGroup group = cut_.group(number);
            body(Piece<T>{group.first + column * group.rows, group.rows, group.repeat * cut_.channels(),
                          row(partials_, number * kPartials) + column, factors_ + column});
          }
        });
  }

  template <class E>
  void find_moments(const E* x) const {
    each_piece([&](const Piece<T>& p) {
      T *center = p.partial, *d = row(center, 1), *dd = row(center, 2);
      if (cut_.lines())
        f_.line_moments(x + p.first, p.rows, center, d, dd);
      else
        f_.column_moments(x + p.first, p.rows, p.width, center, d, dd);
    });
    join_moments();
  }

  // body(partial sums of a channel in one group, elements in them, channel).
  template <class Body>
  void each_partial(Body&& body) const {
    for (std::size_t number = 0; number < cut_.groups(); ++number) {
      const BatchGroup group = cut_.group(number);
      const T* partial = row(partials_, number * kPartials);
      for (std::size_t copy = 0; copy < group.repeat; ++copy, partial += cut_.channels()) {
        for (std::size_t c = 0; c < cut_.channels(); ++c)
          body(partial + c, static_cast<double>(group.rows), c);
      }
    }
  }

  // first_ = the mean, second_ = the biased variance (Chan, Golub & LeVeque 1983).
  void join_moments() const {
    std::fill_n(first_, 2 * cut_.channels(), 0.0);
    each_partial([&](const T* p, double n, std::size_t c) {
      first_[c] += n * static_cast<double>(p[0]) + static_cast<double>(*row(p, 1));
    });
    for (std::size_t c = 0; c < cut_.channels(); ++c) first_[c] /= cut_.count();
    each_partial([&](const T* p, double n, std::size_t c) {
      const double d = static_cast<double>(*row(p, 1)) / n, off = static_cast<double>(p[0]) + d - first_[c];
      second_[c] += static_cast<double>(*row(p, 2)) + n * (off * off - d * d);
    });
    for (std::size_t c = 0; c < cut_.channels(); ++c)
      second_[c] = second_[c] < 0 ? 0 : second_[c] / cut_.count();  // below 0 by rounding only
  }

  // The sums of the two partial sums.
  void join_sums() const {
    std::fill_n(first_, 2 * cut_.channels(), 0.0);
    each_partial([&](const T* p, double, std::size_t c) {
      first_[c] += static_cast<double>(p[0]);
      second_[c] += static_cast<double>(*row(p, 1));
    });
  }

  void set_factors(std::size_t channel, std::initializer_list<double> numbers) const {
    for (std::size_t at = channel; at < cut_.width(); at += cut_.channels()) {
      T* to = factors_ + at;
      for (const double number : numbers) {
        *to = static_cast<T>(number);
        to = row(to, 1);
      }
    }
  }

  const BatchCut& cut_;
  const NormFunctions& f_;
  int threads_;
  double *first_, *second_;
  T *partials_, *factors_;
};

constexpr auto kFloatTypes = [](DType dtype, auto f) { return dispatch_float(dtype, f); };
constexpr auto kFactorTypes = [](DType dtype, auto f) { return dispatch_factor(dtype, f); };

// run(Batch<T>, bindings, epsilon, an element of x) for the element type of x, one of `types`.
template <class Types, class Run>
KernelChoice prepare(const KernelRequest& request, const BatchNormOptions& options, Types types, Run run) {
  const Type& x = request.node.in[0].type();
  const NormFunctions* functions = simd::find_norm(x.dtype);
  if (functions == nullptr) return "no vector code for " + std::string(name(x.dtype));
  const BatchCut cut(options, x.shape);
  const int threads = x.shape.size() < kParallelElements ? 1 : request.threads;
  const std::size_t bytes =
      types(x.dtype, [&](auto zero) { return Batch<Product<decltype(zero)>>::scratch_bytes(cut); });
  return make_kernel(
      [=, dtype = x.dtype](const Bindings& b) {
        return make_launch([=] {
          types(dtype, [&](auto zero) {
            run(Batch<Product<decltype(zero)>>(cut, *functions, threads, b.scratch), b, options.epsilon,
                zero);
          });
        });
      },
      bytes);
}

KernelChoice prepare_moments(const KernelRequest& request) {
  const BatchNormOptions options{.axis = request.node.attr<AxisOptions>().axis};
  return prepare(request, options, kFactorTypes, [](const auto& batch, const Bindings& b, double, auto zero) {
    using T = decltype(zero);
    batch.moments(b.in[0].values<const T>().data(), b.out[0].values<double>().data(),
                  b.out[1].values<double>().data());
  });
}

KernelChoice prepare_forward(const KernelRequest& request) {
  return prepare(request, request.node.attr<BatchNormOptions>(), kFloatTypes,
                 [](const auto& batch, const Bindings& b, double epsilon, auto zero) {
                   using T = decltype(zero);
                   const auto in = [&](std::size_t i) { return b.in[i].values<const T>().data(); };
                   const auto out = [&](std::size_t i) { return b.out[i].values<T>().data(); };
                   batch.normalize(in(0), in(1), in(2), epsilon, out(0), out(1), out(2));
                 });
}

KernelChoice prepare_gradient(const KernelRequest& request) {
  return prepare(request, request.node.attr<BatchNormOptions>(), kFloatTypes,
                 [](const auto& batch, const Bindings& b, double epsilon, auto zero) {
                   using T = decltype(zero);
                   const auto in = [&](std::size_t i) { return b.in[i].values<const T>().data(); };
                   const auto out = [&](std::size_t i) { return b.out[i].values<T>().data(); };
                   batch.gradient(in(0), in(1), in(2), in(3), in(4), epsilon, out(0), out(1), out(2));
                 });
}

}  // namespace

void add_batch_norm_kernels(KernelSet& kernels) {
  kernels.add(moments_op, {"simd.moments", prepare_moments});
  kernels.add(batch_norm_op, {"simd.batch_norm", prepare_forward});
  kernels.add(batch_norm_grad_op, {"simd.batch_norm_grad", prepare_gradient});
}

}  // namespace gradus
