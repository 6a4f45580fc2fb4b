// sum and max over axes: each group of neighbouring ones in turn.
#include "kernels/simd/reduce.h"

#include <numeric>

#include "base/buffer.h"
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

// Tensors seen as [outer, n, inner], reduced along n.
struct Cut {
  std::int64_t outer = 1, n = 1, inner = 1;
};

// One cut for each group of neighbouring axes, innermost group first: the later ones find its axes gone.
std::vector<Cut> cuts_of(const Shape& shape, const std::vector<int>& axes) {
  std::vector<std::int64_t> extents = shape.list();
  std::vector<Cut> cuts;
  for (std::size_t end = axes.size(); end > 0;) {
    std::size_t begin = end - 1;
    while (begin > 0 && axes[begin - 1] == axes[begin] - 1) --begin;
    Cut cut;
    for (int i = 0; i < shape.rank(); ++i) {
      std::int64_t& extent = extents[static_cast<std::size_t>(i)];
      (i < axes[begin] ? cut.outer : i <= axes[end - 1] ? cut.n : cut.inner) *= extent;
      if (i >= axes[begin] && i <= axes[end - 1]) extent = 1;
    }
    cuts.push_back(cut);
    end = begin;
  }
  if (cuts.empty()) cuts.push_back({shape.size(), 1, 1});
  return cuts;
}

KernelChoice prepare(const KernelRequest& request, simd::Reduction reduction) {
  const Node& node = request.node;
  const Shape& shape = node.in[0].shape();
  const std::vector<int> axes = normalized_axes(node.attr<ReduceOptions>().axes, shape);
  const simd::ReduceFunction function = simd::find_reduction(reduction, node.in[0].dtype());
  if (function == nullptr) return "no vector code for " + std::string(name(node.in[0].dtype()));
  const std::vector<Cut> cuts = cuts_of(shape, axes);
  const auto size = static_cast<std::int64_t>(size_of(node.in[0].dtype()));
  // What one reduction leaves to the next lies in scratch memory; each leaves less than it was given.
  std::vector<std::size_t> offsets;
  std::size_t scratch = 0;
  for (const Cut& cut : cuts) {
    offsets.push_back(scratch);
    scratch += align_up(static_cast<std::size_t>(cut.outer * cut.inner * size));
  }
  scratch = offsets.back();  // the last one writes the result
  return make_kernel(
      [=, most_threads = request.threads](const Bindings& b) {
        return make_launch([=, x = b.in[0].data(), y = b.out[0].data()] {
          for (std::size_t i = 0; i < cuts.size(); ++i) {
            const auto [outer, n, inner] = cuts[i];
            const std::byte* from = i == 0 ? x : b.scratch + offsets[i - 1];
            std::byte* to = i + 1 == cuts.size() ? y : b.scratch + offsets[i];
            // Only outer items are shared among threads: a sum's order never depends on their number.
            const int threads = outer * n * inner < kParallelElements ? 1 : most_threads;
            parallel_for(outer, 1, threads, [&, n = n, inner = inner](std::int64_t begin, std::int64_t end) {
              function({.x = from + begin * n * inner * size,
                        .y = to + begin * inner * size,
                        .outer = static_cast<std::size_t>(end - begin),
                        .n = static_cast<std::size_t>(n),
                        .inner = static_cast<std::size_t>(inner)});
            });
          }
        });
      },
      scratch);
}

}  // namespace

void add_reduce_kernels(KernelSet& kernels) {
  kernels.add(sum_op, {"simd.sum", [](const KernelRequest& r) { return prepare(r, simd::Reduction::sum); }});
  kernels.add(sum_op, {"simd.count", prepare_count});
  kernels.add(max_op, {"simd.max", [](const KernelRequest& r) { return prepare(r, simd::Reduction::max); }});
}

}  // namespace gradus
