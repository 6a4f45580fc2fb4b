// matmul on oneDNN: large products of f32 or bf16.
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "kernels/onednn/engine.h"
#include "ops/defs.h"

namespace gradus {

namespace {

using dnnl::memory;

// Multiply-adds below which the Highway kernel is taken: it comes within a tenth of oneDNN there (measured),
// and unlike it allocates nothing per call and gives the same bits with any number of threads.
constexpr std::int64_t kSmallest = 1 << 25;
// The same where the factors are bf16, which the Highway kernel has to widen.
constexpr std::int64_t kSmallestBf16 = 1 << 21;

// A dense tensor, or its transpose by way of strides.
memory::desc describe(const Type& type, bool transposed, int rank) {
  const Shape& shape = type.shape;
  memory::dims dims, strides;
  for (int i = shape.rank(); i < rank; ++i) dims.push_back(1);
  for (const std::int64_t extent : shape) dims.push_back(extent);
  strides.assign(dims.size(), 1);
  for (std::size_t i = dims.size() - 1; i-- > 0;) strides[i] = strides[i + 1] * dims[i + 1];
  if (transposed) {
    std::swap(dims[dims.size() - 1], dims[dims.size() - 2]);
    std::swap(strides[dims.size() - 1], strides[dims.size() - 2]);
  }
  return {dims, onednn::element(type.dtype), strides};
}

KernelChoice prepare(const KernelRequest& request, bool bf16) {
  const Node& node = request.node;
  const auto& op = node.attr<MatmulOptions>();
  const DType factors = node.in[0].dtype();
  if (!onednn::takes(factors, bf16)) return "no code for " + std::string(name(factors));
  const std::int64_t k = node.in[0].shape()[op.transpose_a ? -2 : -1];
  const std::int64_t work = node.out[0].shape.size() * k;
  if (work < (factors == DType::f32 ? kSmallest : kSmallestBf16))
    return std::string("the product is too small");
  const int rank = node.out[0].shape.rank();
  const memory::desc a = describe(node.in[0].type(), op.transpose_a, rank);
  const memory::desc b = describe(node.in[1].type(), op.transpose_b, rank);
  const memory::desc y = describe(node.out[0], false, rank);
  const dnnl::matmul::primitive_desc plan(dnnl::matmul::desc(a, b, y), onednn::attributes(),
                                          onednn::engine());
  if (onednn::is_plain(plan)) return std::string("oneDNN has plain code only");
  const dnnl::matmul primitive(plan);
  const memory::desc scratch = plan.scratchpad_desc();
  return make_kernel(
      [=](const Bindings& bindings) {
        onednn::Arguments arguments = {{DNNL_ARG_SRC, onednn::view(a, bindings.in[0].data())},
                                       {DNNL_ARG_WEIGHTS, onednn::view(b, bindings.in[1].data())},
                                       {DNNL_ARG_DST, onednn::view(y, bindings.out[0].data())}};
        if (scratch.get_size() > 0) {
          arguments.emplace(DNNL_ARG_SCRATCHPAD, onednn::view(scratch, bindings.scratch));
        }
        return std::make_unique<onednn::PrimitiveLaunch>(primitive, std::move(arguments));
      },
      scratch.get_size());
}

}  // namespace

void add_onednn_matmul(KernelSet& kernels, bool bf16) {
  kernels.add(matmul_op, {"onednn.matmul", [=](const KernelRequest& request) {
                            return onednn::guarded([&] { return prepare(request, bf16); });
                          }});
}

}  // namespace gradus
