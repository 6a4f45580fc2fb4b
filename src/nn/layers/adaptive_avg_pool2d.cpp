// adaptive_avg_pool2d: means over as many parts as asked for.
#include "base/check.h"
#include "nn/images.h"
#include "nn/onnx.h"
#include "ops/support/averages.h"

namespace gradus::nn {

AdaptiveAvgPool2d::AdaptiveAvgPool2d(const std::vector<std::int64_t>& size)
    : Layer("adaptive_avg_pool2d"), size_(per_axis(size, 2, 1, "adaptive_avg_pool2d: size")) {}

Value AdaptiveAvgPool2d::build(const Value& x, const Pass&) const {
  require_images(*this, x, 3);
  return gradus::adaptive_avg_pool2d(x, size_);
}

OnnxValue AdaptiveAvgPool2d::onnx(OnnxWriter& to, const OnnxValue& x) const {
  const std::int64_t h = x.example[1], w = x.example[2];
  const Shape result{x.example[0], size_[0], size_[1]};
  if (h % size_[0] == 0 && w % size_[1] == 0) {
    const std::vector<std::int64_t> window = {h / size_[0], w / size_[1]};
    return to.add({.op = "AveragePool",
                   .inputs = {x.name},
                   .attributes = {{"kernel_shape", window}, {"strides", window}}},
                  result);
  }
  const Tensor across = averages(size_[1], w);
  Tensor columns(DType::f32, {w, size_[1]});
  for (std::int64_t i = 0; i < size_[1]; ++i)
    for (std::int64_t k = 0; k < w; ++k) columns.set(k * size_[1] + i, across.at(i * w + k));
  const std::string rows = to.constant("rows", averages(size_[0], h).cast(DType::f32));
  const OnnxValue low = to.add({.op = "MatMul", .inputs = {rows, x.name}}, result.with(2, w));
  return to.add({.op = "MatMul", .inputs = {low.name, to.constant("columns", columns)}}, result);
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
