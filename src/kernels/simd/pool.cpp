// max_pool2d and avg_pool2d of images with their channels last, and what belongs to them.
#include "kernels/simd/pool.h"

#include "base/parallel.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "ops/defs.h"

namespace gradus {

namespace {

constexpr std::int64_t kParallelElements = 32768;

// run(functions, geometry, bindings, begin, end) on rows of the result. `image` is the type of the unpooled
// side, `windows` of the pooled one; `rows` are those of the result.
template <class Run>
KernelChoice prepare(const KernelRequest& request, const Type& image, const Shape& windows, Run run) {
  const auto& options = request.node.attr<Pool2dOptions>();
  if (options.layout != Layout::channels_last) return std::string("only with the channels last");
  for (const Value& in : request.node.in) {
    if (in.dtype() == DType::i64) return std::string("only for winners of i32");
  }
  const simd::PoolFunctions* functions = simd::find_pool(image.dtype);
  if (functions == nullptr) return "no vector code for " + std::string(name(image.dtype));
  const PoolGeometry geometry(options, image.shape, windows);
  if (geometry.kernel_h * geometry.kernel_w > simd::kLargestWindow)
    return std::string("the window is too large");
  const Shape& result = request.node.out[0].shape;
  const std::int64_t rows = result.size() == 0 ? 0 : result[0] * result[1];
  const int threads = image.shape.size() < kParallelElements ? 1 : request.threads;
  return make_kernel([=](const Bindings& b) {
    return make_launch([=] {
      parallel_for(rows, 1, threads,
                   [&](std::int64_t begin, std::int64_t end) { run(*functions, geometry, b, begin, end); });
    });
  });
}

const std::int32_t* places(const Tensor& winners) { return winners.values<const std::int32_t>().data(); }

KernelChoice prepare_max(const KernelRequest& r) {
  return prepare(r, r.node.in[0].type(), r.node.out[0].shape,
                 [](const auto& f, const auto& g, const Bindings& b, std::int64_t begin, std::int64_t end) {
                   f.max(g, b.in[0].data(), b.out[0].data(), b.out[1].values<std::int32_t>().data(), begin,
                         end);
                 });
}

KernelChoice prepare_take(const KernelRequest& r) {
  return prepare(r, r.node.in[0].type(), r.node.out[0].shape,
                 [](const auto& f, const auto& g, const Bindings& b, std::int64_t begin, std::int64_t end) {
                   f.take(g, b.in[0].data(), places(b.in[1]), b.out[0].data(), begin, end);
                 });
}

KernelChoice prepare_max_grad(const KernelRequest& r) {
  return prepare(r, r.node.out[0], r.node.in[0].shape(),
                 [](const auto& f, const auto& g, const Bindings& b, std::int64_t begin, std::int64_t end) {
                   f.max_grad(g, b.in[0].data(), places(b.in[1]), b.out[0].data(), begin, end);
                 });
}

KernelChoice prepare_average(const KernelRequest& r) {
  const bool count_padding = r.node.attr<Pool2dOptions>().count_padding;
  return prepare(r, r.node.in[0].type(), r.node.out[0].shape,
                 [=](const auto& f, const auto& g, const Bindings& b, std::int64_t begin, std::int64_t end) {
                   f.average(g, count_padding, b.in[0].data(), b.out[0].data(), begin, end);
                 });
}

KernelChoice prepare_average_grad(const KernelRequest& r) {
  const bool count_padding = r.node.attr<Pool2dOptions>().count_padding;
  return prepare(r, r.node.out[0], r.node.in[0].shape(),
                 [=](const auto& f, const auto& g, const Bindings& b, std::int64_t begin, std::int64_t end) {
                   f.average_grad(g, count_padding, b.in[0].data(), b.out[0].data(), begin, end);
                 });
}

}  // namespace

void add_pool_kernels(KernelSet& kernels) {
  kernels.add(max_pool2d_op, {"simd.max_pool2d", prepare_max});
  kernels.add(max_pool2d_take_op, {"simd.max_pool2d_take", prepare_take});
  kernels.add(max_pool2d_grad_op, {"simd.max_pool2d_grad", prepare_max_grad});
  kernels.add(avg_pool2d_op, {"simd.avg_pool2d", prepare_average});
  kernels.add(avg_pool2d_grad_op, {"simd.avg_pool2d_grad", prepare_average_grad});
}

}  // namespace gradus
