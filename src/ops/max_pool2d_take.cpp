// max_pool2d_take: the value at a given place of each window, the adjoint of max_pool2d_grad.
#include "gradus/ops.h"
#include "ops/support/on_rows.h"
#include "ops/support/pool.h"
#include "ops/support/reordered.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

Types infer(const Pool2dOptions& op, std::span<const Type> in) {
  const Type y = pooled(op, in[0]);
  require_winners(in[1], y.shape);
  return y;
}

Values vjp(const Node& n, const Value&, const Value& dy) {
  return {max_pool2d_grad(dy, n.in[1], with_size(n.attr<Pool2dOptions>(), n.in[0].shape())), Value()};
}

void reference(const Pool2dOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const PoolGeometry geometry(op, in[0].shape(), out[0].shape());
  dispatch_float(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto x = in[0].values<const T>();
    const auto y = out[0].values<T>();
    dispatch(in[1].dtype(), [&](auto index) {
      const auto winners = in[1].values<const decltype(index)>();
      geometry.each_window([&](std::size_t i, const PoolWindow& window) {
        const std::int64_t element = window.element(static_cast<std::int64_t>(winners[i]));
        y[i] = element >= 0 ? x[static_cast<std::size_t>(element)] : T(0);
      });
    });
  });
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const PoolCase& c : pool_cases()) {
    const auto places = static_cast<double>(c.options.kernel[0] * c.options.kernel[1]);
    list.push_back({c.options, {{c.image}, {c.windows, 0, places, SampleInput::index}}});
  }
  return list;
}

std::vector<Refusal> refusals() {
  const Type x{DType::f32, {2, 3, 8, 8}};
  return {{Pool2dOptions{},
           {x, {DType::i32, {2, 3, 4, 5}}},
           "max_pool2d_take: winners [2, 3, 4, 5] must be [2, 3, 4, 4]: one place for each window."},
          {Pool2dOptions{},
           {x, {DType::u8, {2, 3, 4, 4}}},
           "max_pool2d_take: winners must be i32 or i64, it is u8[2, 3, 4, 4]. cast() it first."},
          {Pool2dOptions{},
           {{DType::f32, {8, 8}}, {DType::i32, {4, 4}}},
           "max_pool2d_take: x must be [N, C, H, W], it is f32[8, 8]. reshape() it."}};
}

}  // namespace

extern const OpDef max_pool2d_take_op = define<Pool2dOptions>(
    {.name = "max_pool2d_take",
     .inputs = {"x", "winners"},
     .kind = OpDef::composite,
     .infer = infer,
     .vjp = vjp,
     .reference = reference,
     .reordered = reordered_by_layout<Pool2dOptions>,
     .on_rows = all_on_rows<Pool2dOptions>,
     .channels_last = true,
     .samples = samples,
     .refusals = refusals,
     .doc = {.formula = "y = x at the winner's place of each window; 0 where that is in the padding",
             .shapes = "x [N, C, H, W], winners (i32 or i64) and y [N, C, H', W'] as of max_pool2d; channels "
                       "last: [N, H, W, C]",
             .gradient = "dx = max_pool2d_grad(dy, winners)",
             .source = ""}});

Value max_pool2d_take(const Value& x, const Value& winners, const Pool2dOptions& options) {
  return x.graph().add(max_pool2d_take_op, options, {x, winners});
}

}  // namespace gradus
