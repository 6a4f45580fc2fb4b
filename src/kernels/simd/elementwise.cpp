// Elementwise kernels: broadcasting is reduced to runs over the innermost axis, runs go to Highway.
#include "kernels/simd/elementwise.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/buffer.h"
#include "base/parallel.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
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
// of their rows (a bias, a channel's scale), such a row is copied until it makes a run of kLongRun elements.
constexpr std::int64_t kShortRow = 512;
constexpr std::int64_t kLongRun = 2048;

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
  // Rows to a run, if short rows are copied: 1 otherwise.
  std::int64_t copies = 1;
  std::array<bool, kInputs> copied{};
};

bool is_whole(const Plan& plan, std::size_t k) {
  return !plan.scalar[k] && plan.strides[0][k] == plan.n * plan.step[k];
}
bool is_row(const Plan& plan, std::size_t k) { return !plan.scalar[k] && plan.strides[0][k] == 0; }
bool is_one(const Plan& plan, std::size_t k) { return plan.scalar[k] && plan.strides[0][k] == 0; }

void copy_short_rows(Plan& plan) {
  if (plan.extents.size() != 1 || plan.n >= kShortRow) return;
  for (std::size_t k = 0; k < plan.inputs; ++k) {
    if (!is_whole(plan, k) && !is_row(plan, k) && !is_one(plan, k)) return;
    plan.copied[k] = is_row(plan, k);
  }
  plan.copies = std::min(plan.runs, kLongRun / plan.n);
}

Plan make_plan(const Node& node, const Entry& entry, RunFunction function, int threads) {
  Plan plan;
  plan.function = function;
  plan.parameters = entry.parameters(node.attrs);
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
  if (shape.size() == 0)
    plan.runs = plan.n = 0;
  else
    copy_short_rows(plan);
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

// The launch of a plan with copies: short rows are laid out again and again, then all goes in long runs.
class CopiedRowsLaunch final : public Launch {
 public:
  CopiedRowsLaunch(const Plan& plan, const Bindings& b) : plan_(plan), out_(b.out[0].data()) {
    std::byte* scratch = b.scratch;
    for (std::size_t k = 0; k < plan_.inputs; ++k) {
      in_[k] = b.in[k].data();
      if (!plan_.copied[k]) continue;
      rows_[k] = scratch;
      scratch += copied_bytes(plan_, k);
    }
  }

  static std::size_t scratch_bytes(const Plan& plan) {
    std::size_t bytes = 0;
    for (std::size_t k = 0; k < plan.inputs; ++k) bytes += plan.copied[k] ? copied_bytes(plan, k) : 0;
    return bytes;
  }

  void run() override {
    for (std::size_t k = 0; k < plan_.inputs; ++k) {
      if (!plan_.copied[k]) continue;
      for (std::int64_t i = 0; i < plan_.copies; ++i)
        std::memcpy(rows_[k] + static_cast<std::size_t>(i) * row_bytes(k), in_[k], row_bytes(k));
    }
    const std::int64_t runs = (plan_.runs + plan_.copies - 1) / plan_.copies;
    if (plan_.n * plan_.runs < kParallelElements || plan_.threads == 1) return part(0, runs);
    parallel_for(runs, std::max<std::int64_t>(1, kGrain / (plan_.n * plan_.copies)), plan_.threads,
                 [&](std::int64_t begin, std::int64_t end) { part(begin, end); });
  }

 private:
  static std::size_t copied_bytes(const Plan& plan, std::size_t k) {
    return align_up(static_cast<std::size_t>(plan.n * plan.step[k] * plan.copies));
  }
  std::size_t row_bytes(std::size_t k) const { return static_cast<std::size_t>(plan_.n * plan_.step[k]); }

  void part(std::int64_t begin, std::int64_t end) const {
    Run run;
    run.parameters = plan_.parameters.data();
    for (std::size_t k = 0; k < plan_.inputs; ++k) run.scalar[k] = plan_.scalar[k];
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t first = i * plan_.copies * plan_.n;
      for (std::size_t k = 0; k < plan_.inputs; ++k)
        run.in[k] = plan_.copied[k] ? rows_[k] : in_[k] + first * plan_.step[k];
      run.out = out_ + first * plan_.out_bytes;
      run.n = static_cast<std::size_t>(std::min(plan_.copies * plan_.n, plan_.runs * plan_.n - first));
      plan_.function(run);
    }
  }

  const Plan& plan_;
  std::array<const std::byte*, kInputs> in_{};
  std::array<std::byte*, kInputs> rows_{};
  std::byte* out_;
};

class ElementwiseKernel final : public Kernel {
 public:
  explicit ElementwiseKernel(Plan plan) : plan_(std::move(plan)) {}
  std::size_t scratch_bytes() const override { return CopiedRowsLaunch::scratch_bytes(plan_); }
  std::unique_ptr<Launch> bind(const Bindings& b) const override {
    if (plan_.copies > 1) return std::make_unique<CopiedRowsLaunch>(plan_, b);
    return std::make_unique<ElementwiseLaunch>(plan_, b);
  }

 private:
  Plan plan_;
};

}  // namespace

void add_elementwise_kernels(KernelSet& kernels) {
  for (const Entry& entry : entries()) {
    kernels.add(*entry.op, {"simd." + entry.op->name, [&entry](const KernelRequest& request) -> KernelChoice {
                              const DType dtype = request.node.in.back().dtype();
                              const RunFunction function = simd::find_function(entry.function, dtype);
                              if (function == nullptr)
                                return "no vector code for " + std::string(name(dtype));
                              return std::make_shared<const ElementwiseKernel>(
                                  make_plan(request.node, entry, function, request.threads));
                            }});
  }
}

namespace simd {

namespace {

template <class From, class To>
void convert_run(const Run& run) {
  const auto* x = static_cast<const From*>(run.in[0]);
  auto* y = static_cast<To*>(run.out);
  for (std::size_t i = 0; i < run.n; ++i) y[i] = static_cast<To>(x[run.scalar[0] ? 0 : i]);
}

RunFunction find_cast(DType in, DType out) {
  if (in == DType::f64 && out == DType::f32) return convert_run<double, float>;
  if (in == DType::f32 && out == DType::f64) return convert_run<float, double>;
  return nullptr;
}

}  // namespace

Elementwise find_elementwise(const OpDef& op, const Attrs& attrs, DType in, DType out) {
  if (&op == &cast_op) return {find_cast(in, out), {}, true};
  for (const Entry& entry : entries()) {
    if (entry.op == &op) return {find_function(entry.function, in), entry.parameters(attrs), entry.cheap};
  }
  return {};
}

}  // namespace simd
}  // namespace gradus
