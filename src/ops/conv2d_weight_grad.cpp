// conv2d_weight_grad(x, dy): what the images say about each place of the kernel.
#include "gradus/ops.h"
#include "ops/support/conv.h"
#include "ops/support/reordered.h"
#include "ops/support/rules.h"

namespace gradus {
namespace {

Types infer(const Conv2dOptions& op, std::span<const Type> in) {
  require_factor(in[0], "x");
  require_same_dtype(in[0], in[1]);
  return Type{product_dtype(in[0].dtype), conv2d_weight_grad_sizes(op, in[0].shape, in[1].shape).weight()};
}

// <dw, conv2d_weight_grad(x, dy)> = <conv2d(x, dw), dy>.
Values vjp(const Node& n, const Value&, const Value& dw) {
  const auto& op = n.attr<Conv2dOptions>();
  const Value &x = n.in[0], &dy = n.in[1];
  return {conv_transpose2d(dy, dw, conv_transpose2d_options(op, x.shape())),
          conv2d(x, dw, conv2d_options(op))};
}

void reference(const Conv2dOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  dispatch_factor(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto x = in[0].values<const T>(), dy = in[1].values<const T>();
    sum_products(conv2d_weight_grad_sizes(op, in[0].shape(), in[1].shape()), out[0].values<Product<T>>(),
                 [&](auto& w, std::size_t ix, std::size_t iw, std::size_t iy) {
                   w[iw] += convert<double>(x[ix]) * convert<double>(dy[iy]);
                 });
  });
}

std::int64_t flops(const Conv2dOptions& op, std::span<const Type> in) {
  return 2 * conv2d_weight_grad_sizes(op, in[0].shape, in[1].shape).products();
}

// The result is a weight, which has one form.
std::optional<Reordered> reordered(const Node& node, std::span<const int> order) {
  auto result = reordered_by_layout<Conv2dOptions>(node, order);
  if (result) result->out[0] = false;
  return result;
}

// The sum over the images.
std::optional<OnRows> on_rows(const Conv2dOptions& op, std::span<const Type>,
                              const std::vector<bool>& may_cut, std::int64_t) {
  if (!may_cut[0] || !may_cut[1]) return std::nullopt;
  return OnRows{op, {true, true}, {false}};
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Conv2dCase& c : conv2d_cases()) {
    list.push_back({conv2d_weight_grad_options(c.options, c.sizes.weight()), {{c.sizes.x()}, {c.sizes.y()}}});
  }
  return list;
}

std::vector<Refusal> refusals() {
  const Type x{DType::f32, {2, 4, 6, 6}}, dy{DType::f32, {2, 8, 4, 4}};
  return {
      {Conv2dOptions{}, {x, dy}, "conv2d_weight_grad: size [] must be two numbers, for rows and columns."},
      {Conv2dOptions{.size = {3, 0}},
       {x, dy},
       "conv2d_weight_grad: size [3, 0] must be numbers from 1 to 2147483647."},
      {Conv2dOptions{.size = {3, 3}},
       {x, {DType::f32, {4, 4}}},
       "conv2d_weight_grad: dy [4, 4] must be [N, C, H, W]. reshape() it."},
      {Conv2dOptions{.size = {3, 3}},
       {x, {DType::f32, {3, 8, 4, 4}}},
       "conv2d_weight_grad: x has 2 images, dy has 3 (x [2, 4, 6, 6], dy [3, 8, 4, 4]); they must be "
       "equal."},
      {Conv2dOptions{.groups = 3, .size = {3, 3}},
       {{DType::f32, {2, 6, 6, 6}}, dy},
       "conv2d_weight_grad: 3 groups do not divide the 8 channels of dy [2, 8, 4, 4]."},
      {Conv2dOptions{.size = {5, 3}},
       {x, dy},
       "conv2d_weight_grad: dy [2, 8, 4, 4] must be [2, 8, 2, 4]: what x [2, 4, 6, 6] and a kernel of "
       "size [5, 3] give."}};
}

}  // namespace

extern const OpDef conv2d_weight_grad_op = define<Conv2dOptions>(
    {.name = "conv2d_weight_grad",
     .inputs = {"x", "dy"},
     .kind = OpDef::contraction,
     .infer = infer,
     .vjp = vjp,
     .reference = reference,
     .flops = flops,
     .reordered = reordered,
     .on_rows = on_rows,
     .channels_last = true,
     .takes_bf16 = true,
     .samples = samples,
     .refusals = refusals,
     .doc = {
         .formula = "weight[o, c, a, b] = sum over n, i, j of dy[n, o, i, j] "
                    "x[n, c, i stride - pad + a dilation, j stride - pad + b dilation]",
         .shapes = "x [N, C, H, W], dy [N, O, H', W'], weight [O, C / groups, size...]; f32 of bf16 inputs",
         .gradient = "dx = conv_transpose2d(dy, dweight), ddy = conv2d(x, dweight)",
         .source = "Dumoulin and Visin 2016"}});

Value conv2d_weight_grad(const Value& x, const Value& dy, const Conv2dOptions& options) {
  return x.graph().add(conv2d_weight_grad_op, options, {x, dy});
}

}  // namespace gradus
