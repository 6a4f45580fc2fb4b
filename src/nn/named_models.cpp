// Models by name. They adapt to the examples' shape and the number of outputs.
#include <fmt/format.h>

#include "base/check.h"
#include "base/suggest.h"
#include "gradus/nn.h"

namespace gradus::nn {

namespace {

LayerSpec dense(std::int64_t units, const char* init = nullptr) {
  LayerSpec spec{.kind = "dense", .options = {{.name = "units", .value = units}}};
  if (init) spec.options.push_back({.name = "init", .value = std::string(init)});
  return spec;
}

// flatten is an entry only where it does something.
std::vector<LayerSpec> flattened(const Shape& input, std::vector<LayerSpec> layers) {
  if (input.rank() > 1) layers.insert(layers.begin(), LayerSpec{.kind = "flatten"});
  return layers;
}

struct Maker {
  NamedModel model;
  std::vector<LayerSpec> (*layers)(const Shape& input, std::int64_t outputs);
};

const std::vector<Maker>& makers() {
  static const std::vector<Maker> table = {
      {{"linear", "one dense layer: linear regression"},
       [](const Shape& input, std::int64_t outputs) { return flattened(input, {dense(outputs)}); }},
      {{"logistic", "one dense layer: softmax regression"},
       [](const Shape& input, std::int64_t outputs) { return flattened(input, {dense(outputs)}); }},
      {{"mlp", "two hidden layers of 256 and 128 relu units"},
       [](const Shape& input, std::int64_t outputs) {
         return flattened(input,
                          {dense(256), {.kind = "relu"}, dense(128), {.kind = "relu"}, dense(outputs)});
       }},
      {{"seed", "one hidden layer of 20 sigmoid units, weights uniform in +-1 / sqrt(fan_in)"},
       [](const Shape& input, std::int64_t outputs) {
         return flattened(
             input, {dense(20, "uniform_fan_in"), {.kind = "sigmoid"}, dense(outputs, "uniform_fan_in")});
       }},
  };
  return table;
}

}  // namespace

const std::vector<NamedModel>& named_models() {
  static const std::vector<NamedModel> list = [] {
    std::vector<NamedModel> models;
    for (const Maker& maker : makers()) models.push_back(maker.model);
    return models;
  }();
  return list;
}

ModelSpec named_model(std::string_view name, const Shape& input, std::int64_t outputs) {
  std::vector<std::string> names;
  for (const Maker& maker : makers()) {
    if (maker.model.name == name) {
      return {
          .input = input, .layers = maker.layers(input, outputs), .where = fmt::format("model '{}'", name)};
    }
    names.push_back(maker.model.name);
  }
  fail(Fault::usage, "model '{}': there is no such model.{} Known are {}; or give a model file.", name,
       did_you_mean(name, names), fmt::join(names, ", "));
}

}  // namespace gradus::nn
