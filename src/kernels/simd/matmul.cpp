// matmul on Highway: direct for few rows, packed panels otherwise; batches one product at a time.
#include "kernels/simd/matmul.h"

#include "base/parallel.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "ops/defs.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"

namespace gradus {

namespace {

constexpr std::int64_t kDirectRows = 12;            // packing b pays from about two tiles of rows
constexpr std::int64_t kParallelProduct = 1 << 17;  // multiply-adds worth a second thread

// Where each product of a batch reads and writes, in elements.
struct Batch {
  std::vector<std::array<std::int64_t, 3>> offsets;
};

Batch batch_offsets(const Node& node, const simd::Product& p) {
  const auto leading = [](const Shape& shape) { return shape.without(-1).without(-1); };
  const Shape batch = leading(node.out[0].shape);
  Batch result;
  walk(batch,
       std::array{broadcast_strides(leading(node.in[0].shape()), batch),
                  broadcast_strides(leading(node.in[1].shape()), batch)},
       [&](std::int64_t item, const auto& at) {
         result.offsets.push_back({at[0] * p.m * p.k, at[1] * p.k * p.n, item * p.m * p.n});
       });
  return result;
}

KernelChoice prepare(const KernelRequest& request) {
  const Node& node = request.node;
  const auto& op = node.attr<MatmulOptions>();
  const simd::MatmulFunctions* functions = simd::find_matmul(node.out[0].dtype);
  if (functions == nullptr) return "no vector code for " + std::string(name(node.out[0].dtype));
  simd::Product p;
  p.transpose_a = op.transpose_a;
  p.transpose_b = op.transpose_b;
  p.m = node.out[0].shape[-2];
  p.n = node.out[0].shape[-1];
  p.k = node.in[0].shape()[op.transpose_a ? -2 : -1];
  const std::int64_t size = static_cast<std::int64_t>(size_of(node.out[0].dtype));
  const Batch batch = batch_offsets(node, p);

  if (!p.transpose_b && p.m <= kDirectRows) {
    return make_kernel([=](const Bindings& b) {
      return make_launch([=, a = b.in[0].data(), w = b.in[1].data(), y = b.out[0].data()] {
        for (const auto& at : batch.offsets)
          functions->direct(p, a + at[0] * size, w + at[1] * size, y + at[2] * size);
      });
    });
  }
  const int threads = p.m * p.n * p.k < kParallelProduct ? 1 : request.threads;
  return make_kernel(
      [=](const Bindings& b) {
        return make_launch(
            [=, a = b.in[0].data(), w = b.in[1].data(), y = b.out[0].data(), packed = b.scratch] {
              for (const auto& at : batch.offsets) {
                functions->pack(p, w + at[1] * size, packed);
                parallel_for(p.m, 6, threads, [&](std::int64_t begin, std::int64_t end) {
                  functions->rows(p, a + at[0] * size, packed, y + at[2] * size, begin, end);
                });
              }
            });
      },
      static_cast<std::size_t>(functions->packed_elements(p) * size));
}

}  // namespace

void add_matmul_kernels(KernelSet& kernels) { kernels.add(matmul_op, {"simd.matmul", prepare}); }

}  // namespace gradus
