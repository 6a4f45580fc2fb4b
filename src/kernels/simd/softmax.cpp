// softmax and log_softmax over the last axis, and the cross-entropy of class labels.
#include "kernels/simd/softmax.h"

#include "base/check.h"
#include "base/parallel.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "ops/defs.h"
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
template <class T, class Label>
void cross_entropy(const Tensor& logits, const Tensor& labels, const Tensor& losses, double smoothing) {
  const auto classes = static_cast<std::size_t>(logits.shape()[1]);
  const T* x = logits.values<const T>().data();
  const auto label = labels.values<const Label>();
  const auto y = losses.values<T>();  // holds log sum exp on entry
  for (std::size_t i = 0; i < y.size(); ++i, x += classes) {
    const auto k = static_cast<std::int64_t>(label[i]);
    require(Fault::data, k >= 0 && k < static_cast<std::int64_t>(classes),
            "softmax_cross_entropy: element {} of labels is {}; at least 0 and less than {} was needed. "
            "Check the "
            "data.",
            i, k, classes);
    const T total = y[i];
    T loss = static_cast<T>(1 - smoothing) * (total - x[k]);
    if (smoothing != 0) {
      T rest = 0;
      for (std::size_t j = 0; j < classes; ++j) rest += total - x[j];
      loss += static_cast<T>(smoothing / static_cast<double>(classes)) * rest;
    }
    y[i] = loss;
  }
}

KernelChoice prepare_cross_entropy(const KernelRequest& request) {
  const Type& logits = request.node.in[0].type();
  const DType label_dtype = request.node.in[1].dtype();
  const double smoothing = request.node.attr<SmoothingOptions>().label_smoothing;
  const simd::SoftmaxFunctions* functions = simd::find_softmax(logits.dtype);
  if (functions == nullptr) return "no vector code for " + std::string(name(logits.dtype));
  if (is_float(label_dtype)) return std::string("only for class labels");
  if (smoothing == 1) return std::string("smoothing leaves nothing of the labels");
  return make_kernel([=](const Bindings& b) {
    return make_launch([=, x = b.in[0], labels = b.in[1], y = b.out[0]] {
      functions->log_sum_exp(x.data(), y.data(), x.shape()[0], x.shape()[1]);
      dispatch_float(logits.dtype, [&](auto zero) {
        using T = decltype(zero);
        if (label_dtype == DType::i32)
          cross_entropy<T, std::int32_t>(x, labels, y, smoothing);
        else
          cross_entropy<T, std::int64_t>(x, labels, y, smoothing);
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
