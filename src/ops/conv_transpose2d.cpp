// conv_transpose2d(y, weight): conv2d as a linear map of x, transposed.
#include "gradus/ops.h"
#include "ops/support/conv.h"
#include "ops/support/on_rows.h"
#include "ops/support/rules.h"

namespace gradus {
namespace {

Types infer(const Conv2dOptions& op, std::span<const Type> in) {
  require_factor(in[0], "y");
  require_same_dtype(in[0], in[1]);
  return Type{in[0].dtype, conv_transpose2d_sizes(op, in[0].shape, in[1].shape).x()};
}

// <dx, conv_transpose2d(y, w)> = <conv2d(dx, w), y>: the roles of image and result change places.
Values vjp(const Node& n, const Value&, const Value& dx) {
  const auto& op = n.attr<Conv2dOptions>();
  const Value &y = n.in[0], &weight = n.in[1];
  return {conv2d(dx, weight, conv2d_options(op)),
          conv2d_weight_grad(dx, y, conv2d_weight_grad_options(op, weight.shape()))};
}

void reference(const Conv2dOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  dispatch_factor(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto y = in[0].values<const T>(), w = in[1].values<const T>();
    sum_products(conv_transpose2d_sizes(op, in[0].shape(), in[1].shape()), out[0].values<T>(),
                 [&](auto& x, std::size_t ix, std::size_t iw, std::size_t iy) {
                   x[ix] += convert<double>(y[iy]) * convert<double>(w[iw]);
                 });
  });
}

std::int64_t flops(const Conv2dOptions& op, std::span<const Type> in) {
  return 2 * conv_transpose2d_sizes(op, in[0].shape, in[1].shape).products();
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Conv2dCase& c : conv2d_cases()) {
    list.push_back({conv_transpose2d_options(c.options, c.sizes.x()), {{c.sizes.y()}, {c.sizes.weight()}}});
  }
  list.push_back({Conv2dOptions{.stride = {2, 3}, .pad_before = {1, 0}}, {{{1, 2, 2, 3}}, {{2, 3, 2, 2}}}});
  return list;
}

std::vector<Refusal> refusals() {
  const Type y{DType::f32, {1, 6, 4, 5}}, weight{DType::f32, {6, 2, 3, 3}};
  return {{Conv2dOptions{},
           {{DType::f32, {4, 5}}, weight},
           "conv_transpose2d: y [4, 5] must be [N, C, H, W]. reshape() it."},
          {Conv2dOptions{},
           {y, {DType::f32, {2, 6, 3, 3}}},
           "conv_transpose2d: weight takes 2 channels, y has 6 (y [1, 6, 4, 5], weight [2, 6, 3, 3]). The "
           "first axis of weight is that of y's channels."},
          {Conv2dOptions{.groups = 4},
           {y, weight},
           "conv_transpose2d: 4 groups do not divide the 6 channels of y [1, 6, 4, 5]."},
          {Conv2dOptions{.stride = {2, 2}, .size = {11, 11}},
           {y, weight},
           "conv_transpose2d: size [11, 11] asks for 11 rows; y [1, 6, 4, 5] can only come from 9 to 10 of "
           "them."},
          {Conv2dOptions{.size = {6, 6}},
           {y, weight},
           "conv_transpose2d: size [6, 6] asks for 6 columns; y [1, 6, 4, 5] can only come from 7 to 7 of "
           "them."},
          {Conv2dOptions{.size = {6}},
           {y, weight},
           "conv_transpose2d: size [6] must be two numbers, for rows and columns."},
          {Conv2dOptions{.pad_before = {9, 0}},
           {y, weight},
           "conv_transpose2d: no x has y [1, 6, 4, 5] as its convolution along rows: padding leaves nothing "
           "of it."}};
}

}  // namespace

extern const OpDef conv_transpose2d_op = define<Conv2dOptions>(
    {.name = "conv_transpose2d",
     .inputs = {"y", "weight"},
     .kind = OpDef::contraction,
     .infer = infer,
     .vjp = vjp,
     .reference = reference,
     .flops = flops,
     .reordered = reordered_images,
     .on_rows = images_on_rows<Conv2dOptions>,
     .channels_last = true,
     .takes_bf16 = true,
     .samples = samples,
     .refusals = refusals,
     .doc = {.formula = "x[n, c, h, w] = sum over o, a, b, i, j with h = i stride - pad + a dilation and "
                        "w = j stride - pad + b dilation of weight[o, c, a, b] y[n, o, i, j]",
             .shapes =
                 "y [N, O, H', W'], weight [O, C / groups, kh, kw], x [N, C, size...]; without a size the "
                 "smallest x whose conv2d has y's shape",
             .gradient = "dy = conv2d(dx, weight), dweight = conv2d_weight_grad(dx, y)",
             .source = "Dumoulin and Visin 2016, section 4"}});

Value conv_transpose2d(const Value& y, const Value& weight, const Conv2dOptions& options) {
  return y.graph().add(conv_transpose2d_op, options, {y, weight});
}

}  // namespace gradus
