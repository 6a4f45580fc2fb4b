// avg_pool2d: the mean of each window; global and adaptive forms.
#include "gradus/ops.h"
#include "ops/support/averages.h"
#include "ops/support/on_rows.h"
#include "ops/support/pool.h"
#include "ops/support/reordered.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

Types infer(const Pool2dOptions& op, std::span<const Type> in) { return pooled(op, in[0]); }

Values vjp(const Node& n, const Value&, const Value& dy) {
  return {avg_pool2d_grad(dy, with_size(n.attr<Pool2dOptions>(), n.in[0].shape()))};
}

void reference(const Pool2dOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const PoolGeometry geometry(op, in[0].shape(), out[0].shape());
  dispatch_float(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto x = in[0].values<const T>();
    const auto y = out[0].values<T>();
    geometry.each_window([&](std::size_t i, const PoolWindow& window) {
      double sum = 0;
      window.each([&](std::int64_t element, std::int64_t) {
        sum += static_cast<double>(x[static_cast<std::size_t>(element)]);
      });
      y[i] = static_cast<T>(sum / static_cast<double>(geometry.counted(window, op.count_padding)));
    });
  });
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const PoolCase& c : average_cases()) list.push_back({c.options, {{c.image}}});
  return list;
}

std::vector<Refusal> refusals() {
  const Type image{DType::f32, {2, 3, 8, 8}};
  return {{Pool2dOptions{},
           {{DType::f32, {3, 8, 8}}},
           "avg_pool2d: x must be [N, C, H, W], it is f32[3, 8, 8]. reshape() it."},
          {Pool2dOptions{.kernel = {0, 2}},
           {image},
           "avg_pool2d: kernel [0, 2] and stride [2, 2] must be at least 1, and the kernel at most 32767."},
          {Pool2dOptions{.kernel = {9, 9}},
           {image},
           "avg_pool2d: the window [9, 9] does not fit into x [2, 3, 8, 8], which has 8 rows with its "
           "padding."},
          {Pool2dOptions{.pad_before = {2, 0}},
           {image},
           "avg_pool2d: pad_before [2, 0] and pad_after [0, 0] must be 0 or more and less than the kernel "
           "[2, 2]: every window must meet the image."}};
}

}  // namespace

extern const OpDef avg_pool2d_op = define<Pool2dOptions>(
    {.name = "avg_pool2d",
     .inputs = {"x"},
     .kind = OpDef::composite,
     .infer = infer,
     .vjp = vjp,
     .reference = reference,
     .reordered = reordered_by_layout<Pool2dOptions>,
     .on_rows = all_on_rows<Pool2dOptions>,
     .channels_last = true,
     .samples = samples,
     .refusals = refusals,
     .doc = {.formula = "y = the mean of each window; its padding counts as zeros, or with count_padding = "
                        "false not at all",
             .shapes = "x [N, C, H, W], y [N, C, H', W'], H' = floor((H + padding - kernel) / stride) + 1; "
                       "channels last: [N, H, W, C]",
             .gradient = "dx = avg_pool2d_grad(dy)",
             .source = "LeCun et al. 1989"}});

Value avg_pool2d(const Value& x, const Pool2dOptions& options) {
  return x.graph().add(avg_pool2d_op, options, {x});
}

Value global_avg_pool2d(const Value& x) {
  require(x.shape().rank() == 4, "global_avg_pool2d: x must be [N, C, H, W], it is {}. reshape() it.",
          x.type().str());
  return mean(x, {.axes = {2, 3}});
}

// Windows of one size are avg_pool2d's; else they overlap, and rows and columns are averaged one after the
// other: the mean of a box is the mean of its rows' means.
Value adaptive_avg_pool2d(const Value& x, const std::vector<std::int64_t>& size) {
  const Shape& shape = x.shape();
  require(is_float(x.dtype()) && shape.rank() == 4,
          "adaptive_avg_pool2d: x must be [N, C, H, W], f32 or f64; it is {}.", x.type().str());
  require(size.size() == 2 && size[0] >= 1 && size[1] >= 1,
          "adaptive_avg_pool2d: size {} must be two numbers of at least 1, rows and columns.",
          list_str(size));
  const std::int64_t h = shape[2], w = shape[3];
  require(h >= 1 && w >= 1, "adaptive_avg_pool2d: x {} has no pixels; there is no mean of nothing.",
          shape.str());
  if (h == size[0] && w == size[1]) return x;
  if (h % size[0] == 0 && w % size[1] == 0) {
    const std::vector<std::int64_t> window = {h / size[0], w / size[1]};
    return avg_pool2d(x, {.kernel = window, .stride = window});
  }
  const Value rows = constant(x.graph(), averages(size[0], h).cast(x.dtype()));
  const Value columns = constant(x.graph(), averages(size[1], w).cast(x.dtype()));
  return matmul(matmul(rows, x), columns, {.transpose_b = true});
}

}  // namespace gradus
