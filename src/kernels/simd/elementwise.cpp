// Elementwise kernels: broadcasting is reduced to runs over the innermost axis, runs go to Highway.
#include "kernels/simd/elementwise.h"

#include <algorithm>
#include <array>

#include "base/parallel.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "kernels/simd/table.h"
#include "ops/defs.h"
#include "ops/support/loops.h"

namespace gradus {

namespace {

using simd::Function;
using simd::Run;
using simd::RunFunction;

// Below this many elements a second thread costs more than it saves (measured: a fork-join takes about
// 2 us, a core writes 10 elements a ns from cache).
constexpr std::int64_t kParallelElements = 32768;
constexpr std::int64_t kGrain = 4096;

using Parameters = std::array<double, 2>;

struct Entry {
  const OpDef* op;
  Function function;
  Parameters (*parameters)(const Attrs&);
  bool cheap = false;
};

Parameters none(const Attrs&) { return {}; }

const std::vector<Entry>& entries() {
  static const std::vector<Entry> list = {
      {&add_op, Function::add, none, true},
      {&sub_op, Function::sub, none, true},
      {&mul_op, Function::mul, none, true},
      {&div_op, Function::div, none},
      {&maximum_op, Function::maximum, none, true},
      {&minimum_op, Function::minimum, none, true},
      {&neg_op, Function::neg, none, true},
      {&exp_op, Function::exp, none},
      {&log_op, Function::log, none},
      {&log1p_op, Function::log1p, none},
      {&sqrt_op, Function::sqrt, none},
      {&rsqrt_op, Function::rsqrt, none},
      {&square_op, Function::square, none, true},
      {&abs_op, Function::abs, none, true},
      {&sign_op, Function::sign, none, true},
      {&sigmoid_op, Function::sigmoid, none},
      {&tanh_op, Function::tanh, none},
      {&relu_op, Function::relu, none, true},
      {&equal_op, Function::equal, none, true},
      {&not_equal_op, Function::not_equal, none, true},
      {&less_op, Function::less, none, true},
      {&less_equal_op, Function::less_equal, none, true},
      {&greater_op, Function::greater, none, true},
      {&greater_equal_op, Function::greater_equal, none, true},
      {&select_op, Function::select, none, true},
      {&clip_op, Function::clip,
       [](const Attrs& a) {
         return Parameters{a.get<ClipOptions>().low, a.get<ClipOptions>().high};
       },
       true},
      {&leaky_relu_op, Function::leaky_relu,
       [](const Attrs& a) { return Parameters{a.get<LeakyReluOptions>().slope}; }, true},
      {&softplus_op, Function::softplus,
       [](const Attrs& a) { return Parameters{a.get<SoftplusOptions>().beta}; }},
  };
  return list;
}

constexpr std::size_t kInputs = 3;

// Rows shorter than this are dear to run one by one. Where the inputs are whole arrays and rows used for each
// of their rows (a bias, a channel's scale), the op goes as a table instead, many rows at a time.
constexpr std::int64_t kShortRow = 512;

// The iteration space after merging axes: an outer walk around runs of `n` elements.
struct Plan {
  RunFunction function = nullptr;
  Parameters parameters{};
  std::size_t inputs = 0;
  std::int64_t n = 1;  // of a run
  std::int64_t runs = 1;
  std::vector<std::int64_t> extents;                       // outer axes
  std::vector<std::array<std::int64_t, kInputs>> strides;  // bytes, per outer axis
  std::array<bool, kInputs> scalar{};
  std::array<std::int64_t, kInputs> step{};  // bytes between elements of a run (0 when scalar)
  std::int64_t out_bytes = 0;                // of one element
  int threads = 1;
};

// Whether it is made of short rows only because a row is used again and again.
bool repeats_short_rows(const Plan& plan) {
  return plan.extents.size() == 1 && plan.n > 0 && plan.n < kShortRow;
}

Plan make_plan(const Node& node, const Parameters& parameters, RunFunction function, int threads) {
  Plan plan;
  plan.function = function;
  plan.parameters = parameters;
  plan.inputs = node.in.size();
  plan.threads = threads;
  plan.out_bytes = static_cast<std::int64_t>(size_of(node.out[0].dtype));
  const Shape& shape = node.out[0].shape;

  struct Axis {
    std::int64_t extent;
    std::array<std::int64_t, kInputs> strides;  // elements
  };
  std::vector<Axis> axes;  // innermost first, merged where every operand allows it
  for (int i = shape.rank() - 1; i >= 0; --i) {
    if (shape[i] == 1) continue;
    Axis axis{shape[i], {}};
    for (std::size_t k = 0; k < plan.inputs; ++k) {
      axis.strides[k] = broadcast_strides(node.in[k].shape(), shape)[static_cast<std::size_t>(i)];
    }
    bool merges = !axes.empty();
    for (std::size_t k = 0; merges && k < plan.inputs; ++k) {
      merges = axis.strides[k] == axes.back().strides[k] * axes.back().extent;
    }
    if (merges)
      axes.back().extent *= axis.extent;
    else
      axes.push_back(axis);
  }
  for (std::size_t k = 0; k < plan.inputs; ++k) {
    const auto bytes = static_cast<std::int64_t>(size_of(node.in[k].dtype()));
    plan.scalar[k] = axes.empty() ? false : axes[0].strides[k] == 0;
    plan.step[k] = plan.scalar[k] ? 0 : bytes;
  }
  if (!axes.empty()) plan.n = axes[0].extent;
  for (std::size_t a = axes.size(); a-- > 1;) {
    plan.extents.push_back(axes[a].extent);
    plan.runs *= axes[a].extent;
    std::array<std::int64_t, kInputs> strides{};
    for (std::size_t k = 0; k < plan.inputs; ++k) {
      strides[k] = axes[a].strides[k] * static_cast<std::int64_t>(size_of(node.in[k].dtype()));
    }
    plan.strides.push_back(strides);
  }
  if (shape.size() == 0) plan.runs = plan.n = 0;
  return plan;
}

class ElementwiseLaunch final : public Launch {
 public:
  ElementwiseLaunch(const Plan& plan, const Bindings& b) : plan_(plan), out_(b.out[0].data()) {
    for (std::size_t k = 0; k < plan_.inputs; ++k) in_[k] = b.in[k].data();
  }

  void run() override {
    const std::int64_t total = plan_.n * plan_.runs;
    if (total == 0) return;
    if (plan_.runs == 1) {
      if (total < kParallelElements || plan_.threads == 1) return part(0, plan_.n, 0);
      parallel_for(total, kGrain, plan_.threads,
                   [&](std::int64_t begin, std::int64_t end) { part(begin, end, 0); });
    } else if (total < kParallelElements || plan_.threads == 1) {
      rows(0, plan_.runs);
    } else {
      const std::int64_t grain = std::max<std::int64_t>(1, kGrain / plan_.n);
      parallel_for(plan_.runs, grain, plan_.threads,
                   [&](std::int64_t begin, std::int64_t end) { rows(begin, end); });
    }
  }

 private:
  using Offsets = std::array<std::int64_t, kInputs>;

  void part(std::int64_t begin, std::int64_t end, std::int64_t row, const Offsets& offset = {}) const {
    Run run;
    for (std::size_t k = 0; k < plan_.inputs; ++k) {
      run.in[k] = in_[k] + offset[k] + plan_.step[k] * begin;
      run.scalar[k] = plan_.scalar[k];
    }
    run.out = out_ + (row * plan_.n + begin) * plan_.out_bytes;
    run.n = static_cast<std::size_t>(end - begin);
    run.parameters = plan_.parameters.data();
    plan_.function(run);
  }

  void rows(std::int64_t begin, std::int64_t end) const {
    for (std::int64_t row = begin; row < end; ++row) {
      Offsets offset{};
      std::int64_t rest = row;
      for (std::size_t axis = plan_.extents.size(); axis-- > 0;) {
        const std::int64_t index = rest % plan_.extents[axis];
        rest /= plan_.extents[axis];
        for (std::size_t k = 0; k < plan_.inputs; ++k) offset[k] += index * plan_.strides[axis][k];
      }
      part(0, plan_.n, row, offset);
    }
  }

  const Plan& plan_;
  std::array<const std::byte*, kInputs> in_{};
  std::byte* out_;
};

class ElementwiseKernel final : public Kernel {
 public:
  explicit ElementwiseKernel(Plan plan) : plan_(std::move(plan)) {}
  std::unique_ptr<Launch> bind(const Bindings& b) const override {
    return std::make_unique<ElementwiseLaunch>(plan_, b);
  }

 private:
  Plan plan_;
};

KernelChoice prepare(const KernelRequest& request, const Entry& entry) {
  const Node& node = request.node;
  const DType dtype = node.in.back().dtype();
  const RunFunction function = simd::find_function(entry.function, dtype);
  if (function == nullptr) return "no vector code for " + std::string(name(dtype));
  Plan plan = make_plan(node, entry.parameters(node.attrs), function, request.threads);
  if (repeats_short_rows(plan)) {
    if (auto table = simd::table_kernel(node, request.threads)) return table;
  }
  return std::make_shared<const ElementwiseKernel>(std::move(plan));
}

KernelChoice prepare_cast(const KernelRequest& request) {
  const Node& node = request.node;
  const RunFunction function = simd::find_cast(node.in[0].dtype(), node.out[0].dtype);
  if (function == nullptr) return "no vector code from " + std::string(name(node.in[0].dtype()));
  return std::make_shared<const ElementwiseKernel>(make_plan(node, {}, function, request.threads));
}

}  // namespace

void add_elementwise_kernels(KernelSet& kernels) {
  kernels.add(cast_op, {"simd.cast", prepare_cast});
  for (const Entry& entry : entries()) {
    kernels.add(*entry.op, {"simd." + entry.op->name,
                            [&entry](const KernelRequest& request) { return prepare(request, entry); }});
  }
}

namespace simd {

Elementwise find_elementwise(const OpDef& op, const Attrs& attrs, DType in, DType out) {
  if (&op == &cast_op) return {find_cast(in, out), {}, true};
  for (const Entry& entry : entries()) {
    if (entry.op == &op) return {find_function(entry.function, in), entry.parameters(attrs), entry.cheap};
  }
  return {};
}

}  // namespace simd
}  // namespace gradus
