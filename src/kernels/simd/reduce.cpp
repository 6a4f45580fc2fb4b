// sum and max over neighbouring axes.
#include "kernels/simd/reduce.h"

#include <numeric>

#include "base/parallel.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "ops/defs.h"
#include "ops/support/rules.h"

namespace gradus {

namespace {

constexpr std::int64_t kParallelElements = 65536;

// Counts: whole tensors of integers.
KernelChoice prepare_count(const KernelRequest& request) {
  const Node& node = request.node;
  if (node.in[0].dtype() != DType::i64 || node.out[0].shape.size() != 1)
    return std::string("only whole i64 tensors");
  return make_kernel([](const Bindings& b) {
    return make_launch([x = b.in[0], y = b.out[0]] {
      const auto values = x.values<const std::int64_t>();
      y.values<std::int64_t>()[0] = std::accumulate(values.begin(), values.end(), std::int64_t{0});
    });
  });
}

KernelChoice prepare(const KernelRequest& request, simd::Reduction reduction) {
  const Node& node = request.node;
  const Shape& shape = node.in[0].shape();
  const std::vector<int> axes = normalized_axes(node.attr<ReduceOptions>().axes, shape);
  const simd::ReduceFunction function = simd::find_reduction(reduction, node.in[0].dtype());
  if (function == nullptr) return "no vector code for " + std::string(name(node.in[0].dtype()));
  for (std::size_t i = 1; i < axes.size(); ++i) {
    if (axes[i] != axes[i - 1] + 1) return std::string("the axes are not neighbours");
  }
  std::int64_t outer = 1, n = 1, inner = 1;
  for (int i = 0; i < shape.rank(); ++i) {
    if (axes.empty() || i < axes.front())
      outer *= shape[i];
    else if (i <= axes.back())
      n *= shape[i];
    else
      inner *= shape[i];
  }
  // Only outer items are shared among threads: a sum's order never depends on their number.
  const int threads = outer * n * inner < kParallelElements ? 1 : request.threads;
  const auto size = static_cast<std::int64_t>(size_of(node.in[0].dtype()));
  return make_kernel([=](const Bindings& b) {
    return make_launch([=, x = b.in[0].data(), y = b.out[0].data()] {
      parallel_for(outer, 1, threads, [&](std::int64_t begin, std::int64_t end) {
        function({.x = x + begin * n * inner * size,
                  .y = y + begin * inner * size,
                  .outer = static_cast<std::size_t>(end - begin),
                  .n = static_cast<std::size_t>(n),
                  .inner = static_cast<std::size_t>(inner)});
      });
    });
  });
}

}  // namespace

void add_reduce_kernels(KernelSet& kernels) {
  kernels.add(sum_op, {"simd.sum", [](const KernelRequest& r) { return prepare(r, simd::Reduction::sum); }});
  kernels.add(sum_op, {"simd.count", prepare_count});
  kernels.add(max_op, {"simd.max", [](const KernelRequest& r) { return prepare(r, simd::Reduction::max); }});
}

}  // namespace gradus
