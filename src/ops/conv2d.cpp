// conv2d(x, weight): the cross-correlation of images with filters; conv1d by way of one row.
#include "gradus/ops.h"
#include "ops/support/conv.h"
#include "ops/support/on_rows.h"
#include "ops/support/rules.h"

namespace gradus {
namespace {

Types infer(const Conv2dOptions& op, std::span<const Type> in) {
  require_factor(in[0], "x");
  require_same_dtype(in[0], in[1]);
  return Type{in[0].dtype, conv2d_sizes(op, in[0].shape, in[1].shape).y()};
}

Values vjp(const Node& n, const Value&, const Value& dy) {
  const auto& op = n.attr<Conv2dOptions>();
  const Value &x = n.in[0], &weight = n.in[1];
  return {conv_transpose2d(dy, weight, conv_transpose2d_options(op, x.shape())),
          conv2d_weight_grad(x, dy, conv2d_weight_grad_options(op, weight.shape()))};
}

void reference(const Conv2dOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  dispatch_factor(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto x = in[0].values<const T>(), w = in[1].values<const T>();
    sum_products(conv2d_sizes(op, in[0].shape(), in[1].shape()), out[0].values<T>(),
                 [&](auto& y, std::size_t ix, std::size_t iw, std::size_t iy) {
                   y[iy] += convert<double>(x[ix]) * convert<double>(w[iw]);
                 });
  });
}

std::int64_t flops(const Conv2dOptions& op, std::span<const Type> in) {
  return 2 * conv2d_sizes(op, in[0].shape, in[1].shape).products();
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Conv2dCase& c : conv2d_cases()) list.push_back({c.options, {{c.sizes.x()}, {c.sizes.weight()}}});
  return list;
}

std::vector<Refusal> refusals() {
  const Type x{DType::f32, {8, 32, 28, 28}}, weight{DType::f32, {64, 32, 3, 3}};
  return {
      {Conv2dOptions{},
       {{DType::f32, {32, 28, 28}}, weight},
       "conv2d: x [32, 28, 28] must be [N, C, H, W]. reshape() it."},
      {Conv2dOptions{.layout = Layout::channels_last},
       {{DType::f32, {28, 28}}, weight},
       "conv2d: x [28, 28] must be [N, H, W, C]. reshape() it."},
      {Conv2dOptions{},
       {x, {DType::f32, {64, 32}}},
       "conv2d: weight [64, 32] must be [O, C / groups, kh, kw]. reshape() it."},
      {Conv2dOptions{},
       {x, {DType::f32, {64, 32, 3, 0}}},
       "conv2d: the kernel of weight [3, 0] must be numbers from 1 to 2147483647."},
      {Conv2dOptions{},
       {x, {DType::f64, {64, 32, 3, 3}}},
       "conv2d: the inputs differ in element type: f32[8, 32, 28, 28] and f64[64, 32, 3, 3]. cast() one of "
       "them."},
      {Conv2dOptions{},
       {x, {DType::f32, {128, 64, 3, 3}}},
       "conv2d: weight expects 64 input channels, x has 32 (x [8, 32, 28, 28], weight [128, 64, 3, 3]). Give "
       "weight the shape [128, 32, 3, 3]."},
      {Conv2dOptions{.groups = 4},
       {x, weight},
       "conv2d: weight expects 128 input channels in 4 groups, x has 32 (x [8, 32, 28, 28], weight [64, 32, "
       "3, 3]). Give weight the shape [64, 8, 3, 3]."},
      {Conv2dOptions{.groups = 3},
       {x, weight},
       "conv2d: 3 groups do not divide the 32 channels of x [8, 32, 28, 28]."},
      {Conv2dOptions{.groups = 2},
       {x, {DType::f32, {5, 16, 3, 3}}},
       "conv2d: 2 groups do not divide the 5 channels of the result of weight [5, 16, 3, 3]."},
      {Conv2dOptions{.groups = 0}, {x, weight}, "conv2d: groups is 0; 1 or more was needed."},
      {Conv2dOptions{.stride = {0, 1}},
       {x, weight},
       "conv2d: stride [0, 1] must be numbers from 1 to 2147483647."},
      {Conv2dOptions{.stride = {2}},
       {x, weight},
       "conv2d: stride [2] must be two numbers, for rows and columns."},
      {Conv2dOptions{.pad_after = {0, -1}},
       {x, weight},
       "conv2d: pad_after [0, -1] must be numbers from 0 to 2147483647."},
      {Conv2dOptions{.dilation = {1, 0}},
       {x, weight},
       "conv2d: dilation [1, 0] must be numbers from 1 to 2147483647."},
      {Conv2dOptions{.size = {3, 3}},
       {x, weight},
       "conv2d: size [3, 3] must be empty: it follows from x and weight."},
      {Conv2dOptions{.layout = static_cast<Layout>(2)},
       {x, weight},
       "conv2d: layout is 2; 0 (channels first) or 1 (channels last) was needed."},
      {Conv2dOptions{.pad_before = {0, 1}, .dilation = {1, 2}},
       {{DType::f32, {1, 32, 3, 3}}, weight},
       "conv2d: the kernel spans 5 columns, x [1, 32, 3, 3] has 4 with its padding. Pad by 1 more, or take a "
       "smaller kernel."}};
}

}  // namespace

extern const OpDef conv2d_op = define<Conv2dOptions>(
    {.name = "conv2d",
     .inputs = {"x", "weight"},
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
     .doc = {.formula = "y[n, o, i, j] = sum over c, a, b of weight[o, c, a, b] "
                        "x[n, c, i stride - pad + a dilation, j stride - pad + b dilation]",
             .shapes =
                 "x [N, C, H, W], weight [O, C / groups, kh, kw], y [N, O, H', W'] with "
                 "H' = floor((H + padding - (kh - 1) dilation - 1) / stride) + 1; the channels come last "
                 "with layout = channels_last",
             .gradient = "dx = conv_transpose2d(dy, weight), dweight = conv2d_weight_grad(x, dy)",
             .source = "Dumoulin and Visin 2016"}});

Value conv2d(const Value& x, const Value& weight, const Conv2dOptions& options) {
  return x.graph().add(conv2d_op, options, {x, weight});
}

Value conv1d(const Value& x, const Value& weight, const Conv1dOptions& options) {
  const Shape &sx = x.shape(), &sw = weight.shape();
  require(sx.rank() == 3, "conv1d: x {} must be [N, C, L]. reshape() it.", sx.str());
  require(sw.rank() == 3, "conv1d: weight {} must be [O, C / groups, k]. reshape() it.", sw.str());
  const Value y = conv2d(reshape(x, {sx[0], sx[1], 1, sx[2]}), reshape(weight, {sw[0], sw[1], 1, sw[2]}),
                         {.stride = {1, options.stride},
                          .pad_before = {0, options.pad_before},
                          .pad_after = {0, options.pad_after},
                          .dilation = {1, options.dilation},
                          .groups = options.groups});
  return reshape(y, y.shape().without(2));
}

}  // namespace gradus
