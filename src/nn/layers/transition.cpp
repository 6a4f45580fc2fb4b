// transition: between dense blocks, fewer channels and a smaller image.
#include <cmath>

#include "base/check.h"
#include "nn/images.h"
#include "nn/onnx.h"

namespace gradus::nn {

Transition::Transition(const TransitionOptions& options) : Layer("transition") {
  const TransitionOptions& o = options;
  require(o.compression > 0 && o.compression <= 1,
          "transition: compression must be above 0 and at most 1, got {}.", o.compression);
  const auto out = static_cast<std::int64_t>(std::floor(o.compression * static_cast<double>(o.in)));
  require(out >= 1, "transition: compression {} leaves nothing of {} channels.", o.compression, o.in);
  adopt_chain({std::make_shared<BatchNorm>(BatchNormLayerOptions{.channels = o.in, .dtype = o.dtype}),
               std::make_shared<Relu>(),
               std::make_shared<Conv2d>(Conv2dLayerOptions{.in = o.in,
                                                           .out = out,
                                                           .kernel = {1},
                                                           .bias = false,
                                                           .init = o.init,
                                                           .dtype = o.dtype,
                                                           .seed = {}}),
               std::make_shared<AvgPool2d>(PoolLayerOptions{.kernel = {2}})});
  place("");
  if (o.seed) initialize(*o.seed);
}

Value Transition::build(const Value& x, const Pass& pass) const { return build_chain(x, pass); }
OnnxValue Transition::onnx(OnnxWriter& to, const OnnxValue& x) const { return onnx_chain(to, x); }

extern const LayerDef transition_layer = {
    .kind = "transition",
    .doc = "between dense blocks: batch_norm, relu, conv2d 1x1, avg_pool2d by 2",
    .options = {{.name = "compression",
                 .type = OptionDef::Type::number,
                 .doc = "share of the channels that is kept",
                 .preset = 1.0,
                 .low = 0,
                 .high = 1},
                init_option()},
    .main = "compression",
    .make = [](const LayerOptions& options, const Shape& input, const Making& making) -> LayerPtr {
      require_channels_first(input, 3);
      return std::make_shared<Transition>(TransitionOptions{.in = input[0],
                                                            .compression = options.number("compression"),
                                                            .init = options.init(),
                                                            .dtype = making.dtype,
                                                            .seed = {}});
    }};

}  // namespace gradus::nn
