// Plain and residual networks in the form for small images (He et al. 2015, section 4.2): three stages of n
// blocks with 16, 32 and 64 channels, each stage at half the size; 6n + 2 layers with weights.
#include <fmt/format.h>

#include "nn/zoo/zoo.h"

namespace gradus::nn::zoo {

namespace {

std::vector<LayerSpec> stages(std::int64_t depth, bool residual, std::int64_t outputs) {
  const LayerSpec norm{.kind = "batch_norm"}, relu{.kind = "relu"};
  std::vector<LayerSpec> layers = {conv3x3(16, 1, false), norm, relu};
  const std::int64_t blocks = (depth - 2) / 6;
  for (const std::int64_t channels : {16, 32, 64}) {
    for (std::int64_t block = 0; block < blocks; ++block) {
      const bool shrinks = block == 0 && channels > 16;
      const std::vector<LayerSpec> body = {conv3x3(channels, shrinks ? 2 : 1, false), norm, relu,
                                           conv3x3(channels, 1, false), norm};
      if (!residual) {
        append(layers, body);
        layers.push_back(relu);
        continue;
      }
      LayerSpec entry{.kind = "residual", .options = {{.name = "layers", .value = body}}};
      if (shrinks) entry.options.push_back({.name = "shortcut", .value = std::string("projection_norm")});
      entry.options.push_back({.name = "activation", .value = std::string("relu")});
      layers.push_back(entry);
    }
  }
  append(layers, {{.kind = "global_avg_pool2d"}, dense(outputs)});
  return layers;
}

Entry entry(std::int64_t depth, bool residual) {
  return {.model = {.name = fmt::format("{}{}", residual ? "resnet" : "plain", depth),
                    .description = fmt::format("{} layers of 3x3 convolutions with batch_norm{}", depth,
                                               residual ? " in residual blocks" : ", no shortcuts"),
                    .paper = "He, Zhang, Ren & Sun 2015",
                    .input = {3, 32, 32}},
          .images = true,
          .layers = [depth, residual](const Shape&, std::int64_t outputs) {
            return stages(depth, residual, outputs);
          }};
}

}  // namespace

std::vector<Entry> residual_models() {
  std::vector<Entry> list;
  for (const std::int64_t depth : {20, 32, 44, 56}) list.push_back(entry(depth, false));
  for (const std::int64_t depth : {20, 32, 44, 56, 110}) list.push_back(entry(depth, true));
  return list;
}

}  // namespace gradus::nn::zoo
