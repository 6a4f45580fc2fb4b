// Products and convolutions of bf16 by the kernels for f32, where no kernel takes bf16 itself: the factors
// are widened into scratch memory first. Their products are exact in f32, so nothing else is rounded than
// there.
#include "base/buffer.h"
#include "base/parallel.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "kernels/simd/elementwise.h"
#include "ops/defs.h"

namespace gradus {

namespace {

// Below this many elements a second thread costs more than it saves.
constexpr std::int64_t kGrain = 16384;

// Converts a whole array.
void convert(const Tensor& from, const Tensor& to, int threads) {
  const simd::RunFunction run = simd::find_cast(from.dtype(), to.dtype());
  parallel_for(from.size(), kGrain, threads, [&](std::int64_t begin, std::int64_t end) {
    simd::Run part;
    part.in[0] = from.data() + static_cast<std::size_t>(begin) * size_of(from.dtype());
    part.out = to.data() + static_cast<std::size_t>(begin) * size_of(to.dtype());
    part.n = static_cast<std::size_t>(end - begin);
    run(part);
  });
}

class WidenedLaunch final : public Launch {
 public:
  WidenedLaunch(const Kernel& kernel, const std::vector<std::size_t>& offsets, std::size_t own_bytes,
                int threads, const Bindings& b)
      : bindings_(b), wide_(b), threads_(threads) {
    for (std::size_t i = 0; i < b.in.size(); ++i) wide_.in[i] = widened(b.in[i], b.scratch + offsets[i]);
    wide_.out[0] = widened(b.out[0], b.scratch + offsets.back());
    wide_.scratch = b.scratch + own_bytes;
    launch_ = kernel.bind(wide_);
  }

  void run() override {
    for (std::size_t i = 0; i < wide_.in.size(); ++i) convert(bindings_.in[i], wide_.in[i], threads_);
    launch_->run();
    if (bindings_.out[0].dtype() == DType::bf16) convert(wide_.out[0], bindings_.out[0], threads_);
  }

 private:
  static Tensor widened(const Tensor& tensor, std::byte* at) {
    if (tensor.dtype() != DType::bf16) return tensor;
    return Tensor(Type{DType::f32, tensor.shape()}, std::shared_ptr<std::byte>(std::shared_ptr<void>(), at));
  }

  Bindings bindings_, wide_;
  int threads_;
  std::unique_ptr<Launch> launch_;
};

class WidenedKernel final : public Kernel {
 public:
  WidenedKernel(std::shared_ptr<const Kernel> kernel, const Node& node, int threads)
      : kernel_(std::move(kernel)), threads_(threads) {
    for (const Value& in : node.in) reserve(in.type());
    reserve(node.out[0]);
  }

  std::size_t scratch_bytes() const override { return own_bytes_ + kernel_->scratch_bytes(); }
  std::unique_ptr<Launch> bind(const Bindings& b) const override {
    return std::make_unique<WidenedLaunch>(*kernel_, offsets_, own_bytes_, threads_, b);
  }

 private:
  void reserve(const Type& type) {
    offsets_.push_back(own_bytes_);
    if (type.dtype == DType::bf16) own_bytes_ += align_up(Type{DType::f32, type.shape}.bytes());
  }

  std::shared_ptr<const Kernel> kernel_;
  int threads_;
  std::vector<std::size_t> offsets_;  // of the widened inputs and the result in scratch memory
  std::size_t own_bytes_ = 0;
};

KernelChoice prepare(const KernelRequest& request, const std::vector<KernelDef>& candidates) {
  const Node& node = request.node;
  for (const Value& in : node.in)
    if (in.dtype() != DType::bf16) return std::string("its inputs are not bf16");
  Graph graph;
  Values wide;
  for (const Value& in : node.in) wide.push_back(input(graph, {DType::f32, in.shape()}, "x"));
  const Node& same = graph.add(*node.op, node.attrs, wide).node();
  std::string reasons;
  for (const KernelDef& candidate : candidates) {
    KernelChoice choice = candidate.prepare({same, request.threads});
    if (auto* kernel = std::get_if<0>(&choice))
      return std::make_shared<const WidenedKernel>(std::move(*kernel), node, request.threads);
    reasons += candidate.name + ": " + std::get<1>(choice) + " ";
  }
  return reasons;
}

}  // namespace

void add_widened_kernels(KernelSet& kernels) {
  for (const OpDef* op : {&matmul_op, &conv2d_op, &conv_transpose2d_op, &conv2d_weight_grad_op}) {
    std::vector<KernelDef> candidates;
    for (const KernelDef* candidate : kernels.candidates(*op)) candidates.push_back(*candidate);
    kernels.add(*op, {"widened." + op->name,
                      [candidates](const KernelRequest& request) { return prepare(request, candidates); }});
  }
}

}  // namespace gradus
