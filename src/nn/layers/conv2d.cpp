// conv2d: cross-correlation of images with learned kernels.
#include "base/check.h"
#include "nn/images.h"
#include "nn/onnx.h"

namespace gradus::nn {

namespace {

Conv2dLayerOptions checked(Conv2dLayerOptions o) {
  require_convolution("conv2d", o.in, o.out, o.groups, o.dtype);
  o.kernel = per_axis(o.kernel, 2, 1, "conv2d: kernel");
  o.stride = per_axis(o.stride, 2, 1, "conv2d: stride");
  o.dilation = per_axis(o.dilation, 2, 1, "conv2d: dilation");
  o.padding = checked_padding(o.padding, 2, "conv2d");
  return o;
}

LayerPtr make(const LayerOptions& options, const Shape& input, const Making& making) {
  require_channels_first(input, 3);
  return std::make_shared<Conv2d>(Conv2dLayerOptions{.in = input[0],
                                                     .out = options.integer("filters"),
                                                     .kernel = options.extents("kernel", 2),
                                                     .stride = options.extents("stride", 2),
                                                     .dilation = options.extents("dilation", 2),
                                                     .padding = padding_of(options),
                                                     .groups = options.integer("groups"),
                                                     .bias = options.flag("bias"),
                                                     .init = options.init(),
                                                     .dtype = making.dtype,
                                                     .seed = {}});
}

}  // namespace

Conv2d::Conv2d(const Conv2dLayerOptions& options) : Layer("conv2d"), options_(checked(options)) {
  const Conv2dLayerOptions& o = options_;
  weight_ = own("weight", {o.dtype, {o.out, o.in / o.groups, o.kernel[0], o.kernel[1]}}, o.init);
  if (o.bias) bias_ = own_undecayed("bias", {o.dtype, {o.out}}, o.bias_init);
  if (o.seed) initialize(*o.seed);
}

Value Conv2d::build(const Value& x, const Pass&) const {
  const Conv2dLayerOptions& o = options_;
  require_images(*this, x, 3, o.in);
  gradus::Conv2dOptions op{.stride = o.stride, .dilation = o.dilation, .groups = o.groups};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const Window window{o.kernel[axis], o.stride[axis], o.dilation[axis]};
    const Zeros zeros = zeros_around(o.padding, window, x.shape()[static_cast<int>(axis) + 2], axis, title());
    op.pad_before[axis] = zeros.before;
    op.pad_after[axis] = zeros.after;
  }
  return with_bias(gradus::conv2d(x, read(x.graph(), weight_), op), bias_);
}

OnnxValue Conv2d::onnx(OnnxWriter& to, const OnnxValue& x) const {
  const auto& o = options_;
  const OnnxWindows windows = onnx_windows(o.kernel, o.stride, o.dilation, o.padding, x.example, title());
  OnnxAttributes attributes = windows.attributes();
  attributes.insert(attributes.end(), {{"dilations", windows.dilation}, {"group", o.groups}});
  return to.add({.op = "Conv", .inputs = onnx_weighted(to, x, weight_, bias_), .attributes = attributes},
                windows.output(x.example, o.out));
}

extern const LayerDef conv2d_layer = {
    .kind = "conv2d",
    .doc = "convolution of images [C, H, W]",
    .options = {filters_option(), kernel_option("rows and columns of the kernel"),
                stride_option("rows and columns between windows"), padding_option(), dilation_option(),
                groups_option(), bias_option(), init_option()},
    .main = "filters",
    .make = make};

}  // namespace gradus::nn
