// conv1d: cross-correlation of sequences with learned kernels.
#include "base/check.h"
#include "nn/images.h"
#include "nn/onnx.h"

namespace gradus::nn {

namespace {

Conv1dLayerOptions checked(Conv1dLayerOptions o) {
  require_convolution("conv1d", o.in, o.out, o.groups, o.dtype);
  require(o.kernel >= 1 && o.stride >= 1 && o.dilation >= 1,
          "conv1d: kernel, stride and dilation must be at least 1, got {}, {} and {}.", o.kernel, o.stride,
          o.dilation);
  o.padding = checked_padding(o.padding, 1, "conv1d");
  return o;
}

LayerPtr make(const LayerOptions& options, const Shape& input, const Making& making) {
  require_channels_first(input, 2);
  return std::make_shared<Conv1d>(Conv1dLayerOptions{.in = input[0],
                                                     .out = options.integer("filters"),
                                                     .kernel = options.extents("kernel", 1)[0],
                                                     .stride = options.extents("stride", 1)[0],
                                                     .dilation = options.extents("dilation", 1)[0],
                                                     .padding = padding_of(options),
                                                     .groups = options.integer("groups"),
                                                     .bias = options.flag("bias"),
                                                     .init = options.init(),
                                                     .dtype = making.dtype,
                                                     .seed = {}});
}

}  // namespace

Conv1d::Conv1d(const Conv1dLayerOptions& options) : Layer("conv1d"), options_(checked(options)) {
  const Conv1dLayerOptions& o = options_;
  weight_ = own("weight", {o.dtype, {o.out, o.in / o.groups, o.kernel}}, o.init);
  if (o.bias) bias_ = own_undecayed("bias", {o.dtype, {o.out}}, o.bias_init);
  if (o.seed) initialize(*o.seed);
}

Value Conv1d::build(const Value& x, const Pass&) const {
  const Conv1dLayerOptions& o = options_;
  require_images(*this, x, 2, o.in);
  const Zeros zeros = zeros_around(o.padding, {o.kernel, o.stride, o.dilation}, x.shape()[2], 0, title());
  const Value y = gradus::conv1d(x, read(x.graph(), weight_),
                                 {.stride = o.stride,
                                  .pad_before = zeros.before,
                                  .pad_after = zeros.after,
                                  .dilation = o.dilation,
                                  .groups = o.groups});
  return with_bias(y, bias_);
}

OnnxValue Conv1d::onnx(OnnxWriter& to, const OnnxValue& x) const {
  const auto& o = options_;
  const OnnxWindows windows =
      onnx_windows({o.kernel}, {o.stride}, {o.dilation}, o.padding, x.example, title());
  OnnxAttributes attributes = windows.attributes();
  attributes.insert(attributes.end(), {{"dilations", windows.dilation}, {"group", o.groups}});
  return to.add({.op = "Conv", .inputs = onnx_weighted(to, x, weight_, bias_), .attributes = attributes},
                windows.output(x.example, o.out));
}

extern const LayerDef conv1d_layer = {
    .kind = "conv1d",
    .doc = "convolution of sequences [C, L]",
    .options = {filters_option(), kernel_option("length of the kernel"),
                stride_option("elements between windows"), padding_option(), dilation_option(),
                groups_option(), bias_option(), init_option()},
    .main = "filters",
    .make = make};

}  // namespace gradus::nn
