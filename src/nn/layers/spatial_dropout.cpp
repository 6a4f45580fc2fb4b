// spatial_dropout: whole channels set to zero at random in training.
#include "base/check.h"
#include "nn/noise.h"
#include "nn/onnx.h"

namespace gradus::nn {

SpatialDropout::SpatialDropout(const DropoutOptions& options)
    : Layer("spatial_dropout"), rate_(checked_rate(options.rate, "spatial_dropout")) {}

Value SpatialDropout::build(const Value& x, const Pass& pass) const {
  require(x.shape().rank() >= 2, "{}: x must be [N, C, ...], it is {}.", title(), x.shape().str());
  if (!pass.training || rate_ == 0) return x;
  std::vector<std::int64_t> extents = x.shape().list();
  std::fill(extents.begin() + 2, extents.end(), 1);
  return dropped(*this, x, pass, Shape(extents), rate_);
}

OnnxValue SpatialDropout::onnx(OnnxWriter& to, const OnnxValue& x) const {
  return onnx_op("Identity")(to, x);
}

extern const LayerDef spatial_dropout_layer = {
    .kind = "spatial_dropout",
    .doc = "in training, whole channels set to zero at random and the rest divided by 1 - rate",
    .options = {rate_option("probability that a channel is dropped")},
    .main = "rate",
    .make = [](const LayerOptions& options, const Shape& input, const Making&) -> LayerPtr {
      require(input.rank() >= 1, "it takes examples of at least one axis, its input is {}.", input.str());
      return std::make_shared<SpatialDropout>(DropoutOptions{options.number("rate")});
    }};

}  // namespace gradus::nn
