// global_avg_pool2d: the mean of each channel (Lin, Chen & Yan 2014).
#include "nn/images.h"

namespace gradus::nn {

Value GlobalAvgPool2d::build(const Value& x, const Pass&) const {
  require_images(*this, x, 3);
  return gradus::global_avg_pool2d(x);
}

extern const LayerDef global_avg_pool2d_layer = {
    .kind = "global_avg_pool2d",
    .doc = "the mean of each channel: [C, H, W] to [C]",
    .make = [](const LayerOptions&, const Shape& input, const Making&) -> LayerPtr {
      require_channels_first(input, 3);
      return std::make_shared<GlobalAvgPool2d>();
    }};

}  // namespace gradus::nn
