// softmax and log_softmax over the last axis.
#include "kernels/simd/softmax.h"

#include "base/parallel.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "ops/defs.h"

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

}  // namespace

void add_softmax_kernels(KernelSet& kernels) {
  kernels.add(softmax_op, {"simd.softmax", [](const KernelRequest& r) {
                             return prepare(r, &simd::SoftmaxFunctions::softmax);
                           }});
  kernels.add(log_softmax_op, {"simd.log_softmax", [](const KernelRequest& r) {
                                 return prepare(r, &simd::SoftmaxFunctions::log_softmax);
                               }});
}

}  // namespace gradus
