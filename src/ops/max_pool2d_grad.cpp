// max_pool2d_grad: each number added to the winner of its window, in an image of given size.
#include <algorithm>

#include "gradus/ops.h"
#include "ops/support/on_rows.h"
#include "ops/support/pool.h"
#include "ops/support/reordered.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

Types infer(const Pool2dOptions& op, std::span<const Type> in) {
  const Type dx = unpooled(op, in[0]);
  require_winners(in[1], in[0].shape);
  return dx;
}

Values vjp(const Node& n, const Value&, const Value& ddx) {
  return {max_pool2d_take(ddx, n.in[1], without_size(n.attr<Pool2dOptions>())), Value()};
}

void reference(const Pool2dOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const PoolGeometry geometry(op, out[0].shape(), in[0].shape());
  dispatch_float(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto dy = in[0].values<const T>();
    const auto dx = out[0].values<T>();
    std::fill(dx.begin(), dx.end(), T(0));
    dispatch(in[1].dtype(), [&](auto index) {
      const auto winners = in[1].values<const decltype(index)>();
      geometry.each_window([&](std::size_t i, const PoolWindow& window) {
        const std::int64_t element = window.element(static_cast<std::int64_t>(winners[i]));
        if (element >= 0) dx[static_cast<std::size_t>(element)] += dy[i];
      });
    });
  });
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const PoolCase& c : pool_cases()) {
    const auto places = static_cast<double>(c.options.kernel[0] * c.options.kernel[1]);
    list.push_back(
        {with_size(c.options, c.image), {{c.windows}, {c.windows, 0, places, SampleInput::index}}});
  }
  return list;
}

std::vector<Refusal> refusals() {
  const Type dy{DType::f32, {2, 3, 4, 4}}, winners{DType::i32, {2, 3, 4, 4}};
  return {{Pool2dOptions{}, {dy, winners}, "max_pool2d_grad: size [] must be the rows and columns of x."},
          {Pool2dOptions{.size = {8, 7}},
           {dy, winners},
           "max_pool2d_grad: dy [2, 3, 4, 4] does not belong to x [2, 3, 8, 7], whose windows are "
           "[2, 3, 4, 3]."},
          {Pool2dOptions{.size = {8, 8}},
           {dy, {DType::i32, {2, 3, 16}}},
           "max_pool2d_grad: winners [2, 3, 16] must be [2, 3, 4, 4]: one place for each window."},
          {Pool2dOptions{.size = {8, 8}},
           {dy, dy},
           "max_pool2d_grad: winners must be i32 or i64, it is f32[2, 3, 4, 4]. cast() it first."},
          {Pool2dOptions{.size = {8, 8}},
           {{DType::f32, {2, 48}}, winners},
           "max_pool2d_grad: dy must be [N, C, H, W], it is f32[2, 48]. reshape() it."}};
}

}  // namespace

extern const OpDef max_pool2d_grad_op = define<Pool2dOptions>(
    {.name = "max_pool2d_grad",
     .inputs = {"dy", "winners"},
     .kind = OpDef::composite,
     .infer = infer,
     .vjp = vjp,
     .reference = reference,
     .reordered = reordered_by_layout<Pool2dOptions>,
     .on_rows = all_on_rows<Pool2dOptions>,
     .channels_last = true,
     .samples = samples,
     .refusals = refusals,
     .doc = {.formula =
                 "dx = for each element the sum of dy over the windows it wins; a winner in the padding "
                 "gets nothing",
             .shapes = "dy and winners (i32 or i64) [N, C, H', W'], dx [N, C, size]; channels last: "
                       "[N, H, W, C]",
             .gradient = "ddy = max_pool2d_take(ddx, winners)",
             .source = ""}});

Value max_pool2d_grad(const Value& dy, const Value& winners, const Pool2dOptions& options) {
  return dy.graph().add(max_pool2d_grad_op, options, {dy, winners});
}

}  // namespace gradus
