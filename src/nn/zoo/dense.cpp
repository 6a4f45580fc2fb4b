// Networks of dense layers.
#include "nn/zoo/zoo.h"

namespace gradus::nn::zoo {

namespace {

// flatten is an entry only where it does something.
std::vector<LayerSpec> flattened(const Shape& input, std::vector<LayerSpec> layers) {
  if (input.rank() > 1) layers.insert(layers.begin(), LayerSpec{.kind = "flatten"});
  return layers;
}

std::vector<LayerSpec> linear(const Shape& input, std::int64_t outputs) {
  return flattened(input, {dense(outputs)});
}

std::vector<LayerSpec> mlp(const Shape& input, std::int64_t outputs) {
  return flattened(input, {dense(256), {.kind = "relu"}, dense(128), {.kind = "relu"}, dense(outputs)});
}

std::vector<LayerSpec> seed(const Shape& input, std::int64_t outputs) {
  const auto layer = [](std::int64_t units) {
    LayerSpec spec = dense(units);
    spec.options.push_back({.name = "init", .value = std::string("uniform_fan_in")});
    return spec;
  };
  return flattened(input, {layer(20), {.kind = "sigmoid"}, layer(outputs)});
}

}  // namespace

LayerSpec dense(std::int64_t units) {
  return {.kind = "dense", .options = {{.name = "units", .value = units}}};
}

std::vector<Entry> dense_models() {
  return {
      {.model = {.name = "linear",
                 .description = "one dense layer: linear regression",
                 .input = {10},
                 .outputs = 1},
       .layers = linear},
      {.model = {.name = "logistic",
                 .description = "one dense layer: softmax regression",
                 .input = {1, 28, 28}},
       .layers = linear},
      {.model = {.name = "mlp",
                 .description = "two hidden layers of 256 and 128 relu units",
                 .paper = "Rumelhart, Hinton & Williams 1986",
                 .input = {1, 28, 28}},
       .layers = mlp},
      {.model = {.name = "seed",
                 .description = "one hidden layer of 20 sigmoid units, weights uniform in +-1 / sqrt(fan_in)",
                 .input = {20},
                 .outputs = 2},
       .layers = seed}};
}

}  // namespace gradus::nn::zoo
