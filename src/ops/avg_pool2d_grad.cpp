// avg_pool2d_grad: each number spread evenly over its window, in an image of given size.
#include <algorithm>

#include "gradus/ops.h"
#include "ops/support/on_rows.h"
#include "ops/support/pool.h"
#include "ops/support/reordered.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

Types infer(const Pool2dOptions& op, std::span<const Type> in) { return unpooled(op, in[0]); }

Values vjp(const Node& n, const Value&, const Value& ddx) {
  return {avg_pool2d(ddx, without_size(n.attr<Pool2dOptions>()))};
}

void reference(const Pool2dOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const PoolGeometry geometry(op, out[0].shape(), in[0].shape());
  dispatch_float(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto dy = in[0].values<const T>();
    const auto dx = out[0].values<T>();
    std::fill(dx.begin(), dx.end(), T(0));
    geometry.each_window([&](std::size_t i, const PoolWindow& window) {
      const T share = dy[i] / static_cast<T>(geometry.counted(window, op.count_padding));
      window.each(
          [&](std::int64_t element, std::int64_t) { dx[static_cast<std::size_t>(element)] += share; });
    });
  });
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const PoolCase& c : average_cases()) list.push_back({with_size(c.options, c.image), {{c.windows}}});
  return list;
}

std::vector<Refusal> refusals() {
  const Type dy{DType::f32, {2, 3, 4, 4}};
  return {{Pool2dOptions{.size = {8}}, {dy}, "avg_pool2d_grad: size [8] must be the rows and columns of x."},
          {Pool2dOptions{.size = {10, 8}},
           {dy},
           "avg_pool2d_grad: dy [2, 3, 4, 4] does not belong to x [2, 3, 10, 8], whose windows are "
           "[2, 3, 5, 4]."}};
}

}  // namespace

extern const OpDef avg_pool2d_grad_op = define<Pool2dOptions>(
    {.name = "avg_pool2d_grad",
     .inputs = {"dy"},
     .kind = OpDef::composite,
     .infer = infer,
     .vjp = vjp,
     .reference = reference,
     .reordered = reordered_by_layout<Pool2dOptions>,
     .on_rows = all_on_rows<Pool2dOptions>,
     .channels_last = true,
     .samples = samples,
     .refusals = refusals,
     .doc = {
         .formula = "dx = for each element the sum over its windows of dy / elements that the window counts",
         .shapes = "dy [N, C, H', W'], dx [N, C, size]; channels last: [N, H, W, C]",
         .gradient = "ddy = avg_pool2d(ddx)",
         .source = ""}});

Value avg_pool2d_grad(const Value& dy, const Pool2dOptions& options) {
  return dy.graph().add(avg_pool2d_grad_op, options, {dy});
}

}  // namespace gradus
