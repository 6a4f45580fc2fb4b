// max_pool2d: the largest element of each window.
#include "nn/images.h"
#include "nn/onnx.h"

namespace gradus::nn {

MaxPool2d::MaxPool2d(const PoolLayerOptions& options)
    : Layer("max_pool2d"), options_(checked_pool(options, "max_pool2d")) {}

Value MaxPool2d::build(const Value& x, const Pass&) const {
  return gradus::max_pool2d(x, pool_op(*this, options_, x));
}

OnnxValue MaxPool2d::onnx(OnnxWriter& to, const OnnxValue& x) const {
  const OnnxWindows windows =
      onnx_windows(options_.kernel, options_.stride, {1, 1}, options_.padding, x.example, title());
  return to.add({.op = "MaxPool", .inputs = {x.name}, .attributes = windows.attributes()},
                windows.output(x.example, x.example[0]));
}

extern const LayerDef max_pool2d_layer = {
    .kind = "max_pool2d",
    .doc = "the largest element of each window of images [C, H, W]",
    .options = {kernel_option("rows and columns of the window"), pool_stride_option(), padding_option()},
    .main = "kernel",
    .make = [](const LayerOptions& options, const Shape& input, const Making&) -> LayerPtr {
      return std::make_shared<MaxPool2d>(pool_of(options, input));
    }};

}  // namespace gradus::nn
