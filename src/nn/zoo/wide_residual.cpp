// Wide residual networks (Zagoruyko & Komodakis 2016): pre-activation blocks of two 3x3 convolutions in three
// stages of 16 k, 32 k and 64 k channels; 6n + 4 layers with weights.
#include "nn/zoo/zoo.h"

namespace gradus::nn::zoo {

namespace {

std::vector<LayerSpec> wide(std::int64_t depth, std::int64_t factor, std::int64_t outputs) {
  const LayerSpec norm{.kind = "batch_norm"}, relu{.kind = "relu"};
  std::vector<LayerSpec> layers = {conv3x3(16, 1, false)};
  const std::int64_t blocks = (depth - 4) / 6;
  for (const std::int64_t width : {16, 32, 64}) {
    const std::int64_t channels = width * factor;
    for (std::int64_t block = 0; block < blocks; ++block) {
      const std::int64_t stride = block == 0 && width > 16 ? 2 : 1;
      std::vector<LayerSpec> body = {conv3x3(channels, stride, false), norm, relu,
                                     conv3x3(channels, 1, false)};
      // Where shapes change, the projection too reads the normalized x.
      if (block == 0)
        append(layers, {norm, relu});
      else
        body.insert(body.begin(), {norm, relu});
      LayerSpec entry{.kind = "residual", .options = {{.name = "layers", .value = body}}};
      if (block == 0) entry.options.push_back({.name = "bias", .value = false});
      layers.push_back(entry);
    }
  }
  append(layers, {norm, relu, {.kind = "global_avg_pool2d"}, dense(outputs)});
  return layers;
}

}  // namespace

std::vector<Entry> wide_residual_models() {
  return {{.model = {.name = "wrn-16-4",
                     .description = "16 layers, residual blocks of 64, 128 and 256 channels",
                     .paper = "Zagoruyko & Komodakis 2016",
                     .input = {3, 32, 32}},
           .images = true,
           .layers = [](const Shape&, std::int64_t outputs) { return wide(16, 4, outputs); }}};
}

}  // namespace gradus::nn::zoo
