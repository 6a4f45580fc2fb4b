// gaussian_noise: normal numbers added in training.
#include <cmath>

#include "base/check.h"
#include "nn/noise.h"
#include "nn/onnx.h"

namespace gradus::nn {

GaussianNoise::GaussianNoise(const GaussianNoiseOptions& options)
    : Layer("gaussian_noise"), std_(options.std) {
  require(std::isfinite(std_) && std_ >= 0, "gaussian_noise: std must be at least 0, got {}.", std_);
}

Value GaussianNoise::build(const Value& x, const Pass& pass) const {
  if (!pass.training || std_ == 0) return x;
  const Value counter = read_counter(*this, x.graph(), pass);
  return x + random_normal(counter, {.shape = x.shape(),
                                     .dtype = x.dtype(),
                                     .stream = next_stream(x.graph()),
                                     .low = 0,
                                     .high = std_});
}

OnnxValue GaussianNoise::onnx(OnnxWriter& to, const OnnxValue& x) const { return onnx_op("Identity")(to, x); }

extern const LayerDef gaussian_noise_layer = {
    .kind = "gaussian_noise",
    .doc = "in training, normally distributed numbers added to each element",
    .options = {{.name = "std",
                 .type = OptionDef::Type::number,
                 .doc = "standard deviation of the noise",
                 .preset = 0.1,
                 .low = 0}},
    .main = "std",
    .make = [](const LayerOptions& options, const Shape&, const Making&) -> LayerPtr {
      return std::make_shared<GaussianNoise>(GaussianNoiseOptions{options.number("std")});
    }};

}  // namespace gradus::nn
