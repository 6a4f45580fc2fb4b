// Convolution and pooling, then dense layers.
#include "nn/zoo/zoo.h"

namespace gradus::nn::zoo {

namespace {

LayerSpec same_conv3x3(std::int64_t filters) {
  return {.kind = "conv2d",
          .options = {{.name = "filters", .value = filters},
                      {.name = "kernel", .value = std::int64_t{3}},
                      {.name = "padding", .value = std::string("same")}}};
}

LayerSpec pool(const char* kind) {
  return {.kind = kind, .options = {{.name = "kernel", .value = std::int64_t{2}}}};
}

std::vector<LayerSpec> cnn(const Shape&, std::int64_t outputs) {
  return {same_conv3x3(32),    {.kind = "relu"}, pool("max_pool2d"),  //
          same_conv3x3(64),    {.kind = "relu"}, pool("max_pool2d"),  //
          {.kind = "flatten"}, dense(128),       {.kind = "relu"},   dense(outputs)};
}

// The paper draws digits of 28x28 in a frame of 32x32: smaller images get the zeros of that frame.
std::vector<LayerSpec> lenet5(const Shape& input, std::int64_t outputs) {
  const auto conv5x5 = [](std::int64_t filters, const char* padding) {
    return LayerSpec{.kind = "conv2d",
                     .options = {{.name = "filters", .value = filters},
                                 {.name = "kernel", .value = std::int64_t{5}},
                                 {.name = "padding", .value = std::string(padding)}}};
  };
  const bool framed = input[1] < 32 || input[2] < 32;
  return {conv5x5(6, framed ? "same" : "valid"),
          {.kind = "tanh"},
          pool("avg_pool2d"),  //
          conv5x5(16, "valid"),
          {.kind = "tanh"},
          pool("avg_pool2d"),  //
          {.kind = "flatten"},
          dense(120),
          {.kind = "tanh"},
          dense(84),
          {.kind = "tanh"},
          dense(outputs)};
}

}  // namespace

LayerSpec conv3x3(std::int64_t filters, std::int64_t stride, bool bias) {
  LayerSpec spec{.kind = "conv2d",
                 .options = {{.name = "filters", .value = filters},
                             {.name = "kernel", .value = std::int64_t{3}},
                             {.name = "padding", .value = std::int64_t{1}}}};
  if (stride > 1) spec.options.push_back({.name = "stride", .value = stride});
  if (!bias) spec.options.push_back({.name = "bias", .value = false});
  return spec;
}

std::vector<Entry> convolutional_models() {
  return {{.model = {.name = "lenet5",
                     .description = "two 5x5 convolutions of 6 and 16 channels, three dense layers, tanh",
                     .paper = "LeCun, Bottou, Bengio & Haffner 1998",
                     .input = {1, 32, 32}},
           .images = true,
           .least = 12,
           .layers = lenet5},
          {.model = {.name = "cnn",
                     .description = "two 3x3 convolutions of 32 and 64 channels, two dense layers, relu",
                     .input = {1, 28, 28}},
           .images = true,
           .least = 4,
           .layers = cnn}};
}

}  // namespace gradus::nn::zoo
