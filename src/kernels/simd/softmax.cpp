// softmax and log_softmax over the last axis, and the cross-entropy of class labels.
#include "kernels/simd/softmax.h"

#include "base/parallel.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "ops/defs.h"
#include "ops/support/indices.h"
#include "ops/support/softmax.h"
#include "tensor/dispatch.h"

namespace gradus {

namespace {

constexpr std::int64_t kParallelElements = 8192;

using RowFunction = void (*)(const void* x, void* y, std::int64_t rows, std::int64_t n);

KernelChoice prepare(const KernelRequest& request, RowFunction simd::SoftmaxFunctions::*member) {
  const Type& type = request.node.in[0].type();
  const simd::SoftmaxFunctions* functions = simd::find_softmax(type.dtype);
  if (functions == nullptr) return "no vector code for " + std::string(name(type.dtype));
  if (type.shape.rank() == 0 ||
      type.shape.axis(static_cast<int>(request.node.attr<AxisOptions>().axis)) != type.shape.rank() - 1) {
    return std::string("only along the last axis");
  }
  const std::int64_t n = type.shape[-1], size = static_cast<std::int64_t>(size_of(type.dtype));
  const std::int64_t rows = n == 0 ? 0 : type.shape.size() / n;
  const int threads = type.shape.size() < kParallelElements ? 1 : request.threads;
  return make_kernel([=, function = functions->*member](const Bindings& b) {
    return make_launch([=, x = b.in[0].data(), y = b.out[0].data()] {
      parallel_for(rows, 8, threads, [&](std::int64_t begin, std::int64_t end) {
        function(x + begin * n * size, y + begin * n * size, end - begin, n);
      });
    });
  });
}

// loss = log sum exp x - x[label]; smoothing mixes in the mean of the same over all classes.
template <class T>
T cross_entropy(const simd::SoftmaxFunctions& functions, const T* x, std::int64_t classes, std::int64_t label,
                double smoothing) {
  T total[2];  // the maximum and the logarithm of the sum, apart
  functions.log_sum_exp(x, classes, total);
  T loss = static_cast<T>(1 - smoothing) * (total[1] + (total[0] - x[label]));
  if (smoothing != 0) {
    T rest = 0;
    for (std::int64_t j = 0; j < classes; ++j) rest += total[1] + (total[0] - x[j]);
    loss += static_cast<T>(smoothing / static_cast<double>(classes)) * rest;
  }
  return loss;
}

template <class T, class Label>
void cross_entropies(const simd::SoftmaxFunctions& functions, const Tensor& logits, const Tensor& labels,
                     const Tensor& losses, double smoothing, int threads) {
  const std::int64_t classes = logits.shape()[1];
  const T* x = logits.values<const T>().data();
  const auto label = labels.values<const Label>();
  const auto y = losses.values<T>();
  // All labels first: no error may leave a thread.
  for (std::size_t i = 0; i < y.size(); ++i)
    require_index(static_cast<std::int64_t>(label[i]), static_cast<std::int64_t>(i), classes,
                  "softmax_cross_entropy", "labels");
  parallel_for(losses.size(), 8, threads, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const auto i = static_cast<std::size_t>(row);
      y[i] = cross_entropy(functions, x + row * classes, classes, static_cast<std::int64_t>(label[i]),
                           smoothing);
    }
  });
}

KernelChoice prepare_cross_entropy(const KernelRequest& request) {
  const Type& logits = request.node.in[0].type();
  const DType label_dtype = request.node.in[1].dtype();
  const double smoothing = request.node.attr<SmoothingOptions>().label_smoothing;
  const simd::SoftmaxFunctions* functions = simd::find_softmax(logits.dtype);
  if (functions == nullptr) return "no vector code for " + std::string(name(logits.dtype));
  if (is_float(label_dtype)) return std::string("only for class labels");
  if (smoothing == 1) return std::string("smoothing leaves nothing of the labels");
  const int threads = logits.shape.size() < kParallelElements ? 1 : request.threads;
  return make_kernel([=](const Bindings& b) {
    return make_launch([=, x = b.in[0], labels = b.in[1], y = b.out[0]] {
      dispatch_float(logits.dtype, [&](auto zero) {
        using T = decltype(zero);
        if (label_dtype == DType::i32)
          cross_entropies<T, std::int32_t>(*functions, x, labels, y, smoothing, threads);
        else
          cross_entropies<T, std::int64_t>(*functions, x, labels, y, smoothing, threads);
      });
    });
  });
}

}  // namespace

void add_softmax_kernels(KernelSet& kernels) {
  kernels.add(softmax_op, {"simd.softmax", [](const KernelRequest& r) {
                             return prepare(r, &simd::SoftmaxFunctions::softmax);
                           }});
  kernels.add(log_softmax_op, {"simd.log_softmax", [](const KernelRequest& r) {
                                 return prepare(r, &simd::SoftmaxFunctions::log_softmax);
                               }});
  kernels.add(softmax_cross_entropy_op, {"simd.softmax_cross_entropy", prepare_cross_entropy});
}

}  // namespace gradus
