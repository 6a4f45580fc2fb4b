// conv_transpose2d: the transpose of a convolution, which enlarges images by its stride.
#include "base/check.h"
#include "nn/images.h"
#include "nn/onnx.h"

namespace gradus::nn {

namespace {

ConvTranspose2dLayerOptions checked(ConvTranspose2dLayerOptions o) {
  require_convolution("conv_transpose2d", o.in, o.out, o.groups, o.dtype);
  o.kernel = per_axis(o.kernel, 2, 1, "conv_transpose2d: kernel");
  o.stride = per_axis(o.stride, 2, 1, "conv_transpose2d: stride");
  o.dilation = per_axis(o.dilation, 2, 1, "conv_transpose2d: dilation");
  o.padding = checked_padding(o.padding, 2, "conv_transpose2d");
  if (o.output_padding.empty()) o.output_padding = {0};
  o.output_padding = per_axis(o.output_padding, 2, 0, "conv_transpose2d: output_padding");
  for (std::size_t axis = 0; axis < 2; ++axis) {
    require(!o.padding.same || o.output_padding[axis] == 0,
            "conv_transpose2d: padding = \"same\" gives stride times the size, output_padding has no "
            "meaning. Leave it out.");
    // More would be a row that no window of the convolution reaches.
    require(
        o.output_padding[axis] < std::max(o.stride[axis], o.dilation[axis]),
        "conv_transpose2d: output_padding must be below the stride (or the dilation), got {} with stride {}.",
        o.output_padding[axis], o.stride[axis]);
  }
  return o;
}

LayerPtr make(const LayerOptions& options, const Shape& input, const Making& making) {
  require_channels_first(input, 3);
  return std::make_shared<ConvTranspose2d>(
      ConvTranspose2dLayerOptions{.in = input[0],
                                  .out = options.integer("filters"),
                                  .kernel = options.extents("kernel", 2),
                                  .stride = options.extents("stride", 2),
                                  .dilation = options.extents("dilation", 2),
                                  .padding = padding_of(options),
                                  .output_padding = options.extents("output_padding", 2),
                                  .groups = options.integer("groups"),
                                  .bias = options.flag("bias"),
                                  .init = options.init(),
                                  .dtype = making.dtype,
                                  .seed = {}});
}

}  // namespace

ConvTranspose2d::ConvTranspose2d(const ConvTranspose2dLayerOptions& options)
    : Layer("conv_transpose2d"), options_(checked(options)) {
  const ConvTranspose2dLayerOptions& o = options_;
  weight_ = own("weight", {o.dtype, {o.in, o.out / o.groups, o.kernel[0], o.kernel[1]}}, o.init);
  weight_.set_unit_axis(1);
  if (o.bias) bias_ = own_undecayed("bias", {o.dtype, {o.out}}, o.bias_init);
  if (o.seed) initialize(*o.seed);
}

namespace {

// The convolution it transposes takes an image of the result's size to one of the size of x, an example.
gradus::Conv2dOptions transposed(const ConvTranspose2dLayerOptions& o, const Shape& x,
                                 const std::string& title) {
  gradus::Conv2dOptions op{.stride = o.stride, .dilation = o.dilation, .groups = o.groups, .size = {0, 0}};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t extent = x[static_cast<int>(axis) + 1], stride = o.stride[axis];
    const Window window{o.kernel[axis], stride, o.dilation[axis]};
    std::int64_t& size = op.size[axis];
    if (o.padding.same) {
      size = extent * stride;
      const std::int64_t total = std::max<std::int64_t>(window.reach() - stride, 0);
      op.pad_before[axis] = total / 2;
      op.pad_after[axis] = total - total / 2;
    } else {
      const std::int64_t zeros = o.padding.zeros[axis];
      size = (extent - 1) * stride - 2 * zeros + window.reach() + o.output_padding[axis];
      op.pad_before[axis] = op.pad_after[axis] = zeros;
    }
    require(size >= 1, "{}: the padding {} leaves nothing of the result along an axis where x has {}.", title,
            op.pad_before[axis], extent);
  }
  return op;
}

}  // namespace

Value ConvTranspose2d::build(const Value& x, const Pass&) const {
  require_images(*this, x, 3, options_.in);
  const gradus::Conv2dOptions op = transposed(options_, x.shape().without(0), title());
  return with_bias(gradus::conv_transpose2d(x, read(x.graph(), weight_), op), bias_);
}

OnnxValue ConvTranspose2d::onnx(OnnxWriter& to, const OnnxValue& x) const {
  const gradus::Conv2dOptions op = transposed(options_, x.example, title());
  std::vector<std::int64_t> further;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const Window window{options_.kernel[axis], op.stride[axis], op.dilation[axis]};
    const std::int64_t extent = (x.example[static_cast<int>(axis) + 1] - 1) * window.stride + window.reach();
    further.push_back(op.size[axis] + op.pad_before[axis] + op.pad_after[axis] - extent);
  }
  const std::vector<std::int64_t> pads = {op.pad_before[0], op.pad_before[1], op.pad_after[0],
                                          op.pad_after[1]};
  return to.add({.op = "ConvTranspose",
                 .inputs = onnx_weighted(to, x, weight_, bias_),
                 .attributes = {{"kernel_shape", options_.kernel},
                                {"strides", op.stride},
                                {"pads", pads},
                                {"output_padding", further},
                                {"dilations", op.dilation},
                                {"group", op.groups}}},
                Shape{options_.out, op.size[0], op.size[1]});
}

extern const LayerDef conv_transpose2d_layer = {
    .kind = "conv_transpose2d",
    .doc = "transposed convolution of images [C, H, W]: enlarges them by the stride",
    .options = {filters_option(),
                kernel_option("rows and columns of the kernel"),
                stride_option("the factor of enlargement"),
                padding_option(),
                dilation_option(),
                {.name = "output_padding",
                 .type = OptionDef::Type::integers,
                 .doc = "further rows and columns of the result",
                 .preset = std::vector<std::int64_t>{0},
                 .low = 0,
                 .high = kMaxUnits},
                groups_option(),
                bias_option(),
                init_option()},
    .main = "filters",
    .make = make};

}  // namespace gradus::nn
