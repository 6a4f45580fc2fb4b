// global_avg_pool2d: the mean of each channel (Lin, Chen & Yan 2014).
#include "nn/images.h"
#include "nn/onnx.h"

namespace gradus::nn {

Value GlobalAvgPool2d::build(const Value& x, const Pass&) const {
  require_images(*this, x, 3);
  return gradus::global_avg_pool2d(x);
}

OnnxValue GlobalAvgPool2d::onnx(OnnxWriter& to, const OnnxValue& x) const {
  const OnnxValue mean = to.add({.op = "GlobalAveragePool", .inputs = {x.name}}, Shape{x.example[0], 1, 1});
  return to.add({.op = "Flatten", .inputs = {mean.name}, .attributes = {{"axis", std::int64_t{1}}}},
                Shape{x.example[0]});
}

extern const LayerDef global_avg_pool2d_layer = {
    .kind = "global_avg_pool2d",
    .doc = "the mean of each channel: [C, H, W] to [C]",
    .make = [](const LayerOptions&, const Shape& input, const Making&) -> LayerPtr {
      require_channels_first(input, 3);
      return std::make_shared<GlobalAvgPool2d>();
    }};

}  // namespace gradus::nn
