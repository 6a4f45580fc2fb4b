// adaptive_avg_pool2d: means over as many parts as asked for.
#include "base/check.h"
#include "nn/images.h"

namespace gradus::nn {

AdaptiveAvgPool2d::AdaptiveAvgPool2d(const std::vector<std::int64_t>& size)
    : Layer("adaptive_avg_pool2d"), size_(per_axis(size, 2, 1, "adaptive_avg_pool2d: size")) {}

Value AdaptiveAvgPool2d::build(const Value& x, const Pass&) const {
  require_images(*this, x, 3);
  return gradus::adaptive_avg_pool2d(x, size_);
}

extern const LayerDef adaptive_avg_pool2d_layer = {
    .kind = "adaptive_avg_pool2d",
    .doc = "images [C, H, W] brought to a size by means of their parts",
    .options = {{.name = "size",
                 .type = OptionDef::Type::integers,
                 .doc = "rows and columns of the result",
                 .low = 1,
                 .high = kMaxUnits}},
    .main = "size",
    .make = [](const LayerOptions& options, const Shape& input, const Making&) -> LayerPtr {
      require_channels_first(input, 3);
      return std::make_shared<AdaptiveAvgPool2d>(options.extents("size", 2));
    }};

}  // namespace gradus::nn
