// avg_pool2d: the mean of each window.
#include "nn/images.h"
#include "nn/onnx.h"

namespace gradus::nn {

AvgPool2d::AvgPool2d(const PoolLayerOptions& options)
    : Layer("avg_pool2d"), options_(checked_pool(options, "avg_pool2d")) {}

Value AvgPool2d::build(const Value& x, const Pass&) const {
  return gradus::avg_pool2d(x, pool_op(*this, options_, x));
}

OnnxValue AvgPool2d::onnx(OnnxWriter& to, const OnnxValue& x) const {
  const OnnxWindows windows =
      onnx_windows(options_.kernel, options_.stride, {1, 1}, options_.padding, x.example, title());
  OnnxAttributes attributes = windows.attributes();
  attributes.emplace_back("count_include_pad", std::int64_t{options_.count_padding});
  return to.add({.op = "AveragePool", .inputs = {x.name}, .attributes = attributes},
                windows.output(x.example, x.example[0]));
}

extern const LayerDef avg_pool2d_layer = {
    .kind = "avg_pool2d",
    .doc = "the mean of each window of images [C, H, W]",
    .options = {kernel_option("rows and columns of the window"),
                pool_stride_option(),
                padding_option(),
                {.name = "count_padding",
                 .type = OptionDef::Type::flag,
                 .doc = "whether zeros around the image count in the means",
                 .preset = true}},
    .main = "kernel",
    .make = [](const LayerOptions& options, const Shape& input, const Making&) -> LayerPtr {
      PoolLayerOptions pool = pool_of(options, input);
      pool.count_padding = options.flag("count_padding");
      return std::make_shared<AvgPool2d>(pool);
    }};

}  // namespace gradus::nn
