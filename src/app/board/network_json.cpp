#include "app/board/network_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/board/pixels.h"
#include "base/check.h"
#include "base/suggest.h"
#include "train/outputs.h"

namespace gradus::board {
namespace {

constexpr std::int64_t kMostPlanes = 64, kMostSide = 64, kMostFeatures = 64;

// Names of axes, which the page has in its languages.
Json output_axes(const Shape& shape) {
  switch (shape.rank()) {
    case 2:
      return {"examples", "units"};
    case 3:
      return {"examples", "channels", "length"};
    case 4:
      return {"examples", "channels", "height", "width"};
    default:
      return Json::array();
  }
}

Json parameter_axes(const train::LayerNode& layer, const Shape& shape) {
  const bool transposed = layer.kind.starts_with("conv_transpose");
  Json axes = transposed ? Json{"in", "out"} : Json{"out", "in"};
  switch (shape.rank()) {
    case 1:
      return layer.kind == "dense" ? Json{"out"} : Json{"channels"};
    case 2:
      return axes;
    case 3:
      axes.push_back("kernel_length");
      return axes;
    case 4:
      axes.insert(axes.end(), {"kernel_height", "kernel_width"});
      return axes;
    default:
      return Json::array();
  }
}

bool has_filters(const train::LayerNode& layer) {
  return layer.kind.starts_with("conv") && !layer.parameters.empty() &&
         layer.parameters[0].type().shape.rank() == 4;
}

Json to_json(const train::Histogram& h) {
  return {{"size", h.size},    {"not_finite", h.not_finite},
          {"mean", h.mean},    {"std", h.std},
          {"min", h.low},      {"max", h.high},
          {"norm", h.norm},    {"zeros", h.zeros},
          {"counts", h.counts}};
}

Json to_json(const Planes& planes) {
  return {{"count", planes.count},
          {"height", planes.height},
          {"width", planes.width},
          {"scale", planes.scale},
          {"data", planes.data}};
}

Json to_json(const train::LayerNode& layer) {
  Json parameters = Json::array();
  for (const Variable& parameter : layer.parameters) {
    const Shape& shape = parameter.type().shape;
    parameters.push_back({{"name", parameter.name()},
                          {"shape", shape.list()},
                          {"axes", parameter_axes(layer, shape)},
                          {"trainable", parameter.trainable()}});
  }
  Json json = {{"path", layer.path},
               {"kind", layer.kind},
               {"parent", layer.parent},
               {"group", layer.holds_others},
               {"output", nullptr},
               {"axes", Json::array()},
               {"parameters", std::move(parameters)},
               {"reads", layer.reads},
               {"filters", has_filters(layer)},
               {"maps", layer.has_output_in_inference && layer.output.rank() == 4}};
  if (layer.has_output) json["output"] = layer.output.list(), json["axes"] = output_axes(layer.output);
  return json;
}

bool takes_images(const train::Model& model) {
  const Shape& input = model.network.input;
  return input.rank() == 3 && (input[0] == 1 || input[0] == 3);
}

Json look_json(const LoadedNetwork& network, const train::NetworkLook& look) {
  Json layers = Json::object(), parameters = Json::object();
  for (const train::LayerLook& layer : look.layers)
    layers[layer.path] = {{"output", to_json(layer.output)}, {"gradient", to_json(layer.gradient)}};
  for (const train::ParameterLook& p : look.parameters)
    parameters[p.parameter.name()] = {{"values", to_json(p.values)}, {"gradient", to_json(p.gradient)}};
  return {{"version", network.version()},
          {"examples", look.examples},
          {"loss", look.loss},
          {"layers", std::move(layers)},
          {"parameters", std::move(parameters)}};
}

// What the data say is right: a class's name, the names of the labels set, or numbers.
Json target_of(const data::Dataset& part, const train::Model& model, std::int64_t row) {
  if (!part.y.defined()) return nullptr;
  const std::int64_t each = part.y.size() / part.size();
  if (part.kind == data::Kind::classes) {
    const auto names = train::names_of_classes(model);
    const auto index = static_cast<std::size_t>(part.y.at(row));
    return index < names.size() ? names[index] : std::to_string(index);
  }
  Json numbers = Json::array();
  for (std::int64_t i = 0; i < std::min(each, kMostFeatures); ++i)
    numbers.push_back(part.y.at(row * each + i));
  return numbers;
}

Json prediction_of(const train::Model& model, const Tensor& output) {
  Json rows = Json::array();
  if (model.kind == data::Kind::real) {
    for (std::int64_t i = 0; i < std::min(output.size(), kMostFeatures); ++i) {
      const auto at = static_cast<std::size_t>(i);
      const bool named = at < model.target_names.size();
      rows.push_back(
          {{"name", named ? model.target_names[at] : fmt::format("y{}", i)}, {"value", output.at(i)}});
    }
    return rows;
  }
  const Tensor probabilities = train::probabilities_of(output, model);
  const auto names = train::names_of_classes(model);
  for (std::int64_t i = 0; i < probabilities.size(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    rows.push_back(
        {{"name", at < names.size() ? names[at] : std::to_string(i)}, {"value", probabilities.at(i)}});
  }
  return rows;
}

const train::LayerNode& layer_of(const LoadedNetwork& network, const std::string& path) {
  std::vector<std::string> paths;
  for (const train::LayerNode& layer : network.graph().layers) {
    if (layer.path == path) return layer;
    paths.push_back(layer.path);
  }
  fail(Fault::usage, "path: a layer of the network was needed, there is no '{}'.{}", path,
       did_you_mean(path, paths));
}

}  // namespace

Json network_graph(const LoadedNetwork& network) {
  const train::Prepared& run = network.run();
  Json layers = Json::array();
  std::int64_t parameters = 0;
  for (const train::LayerNode& layer : network.graph().layers) {
    layers.push_back(to_json(layer));
    for (const Variable& parameter : layer.parameters) parameters += parameter.type().shape.size();
  }
  Json parts = {{"train", run.parts.train.size()}};
  if (run.parts.val) parts["val"] = run.parts.val->size();
  if (run.parts.test) parts["test"] = run.parts.test->size();
  const Shape& input = run.model.network.input;
  std::vector<std::int64_t> with_batch = input.list();
  with_batch.insert(with_batch.begin(), 1);
  return {{"version", network.version()},
          {"checkpoint", network.weights().is_checkpoint},
          {"step", network.weights().is_checkpoint ? Json(network.step()) : Json(nullptr)},
          {"loss", run.model.loss},
          {"classifies", run.model.kind != data::Kind::real},
          {"image", takes_images(run.model)},
          {"input", with_batch},
          {"axes", output_axes(Shape(with_batch))},
          {"parameters", parameters},
          {"parts", std::move(parts)},
          {"layers", std::move(layers)},
          {"loss_reads", network.graph().loss_reads}};
}

Json network_batch(LoadedNetwork& network) { return look_json(network, network.batch()); }

Json network_example(LoadedNetwork& network, const std::string& part, std::int64_t row) {
  const train::NetworkLook& look = network.example(part, row);
  Json json = look_json(network, look);
  json["part"] = part;
  json["row"] = row;
  json["target"] = target_of(network.part(part), network.run().model, row);
  json["prediction"] = prediction_of(network.run().model, look.output);
  return json;
}

Json network_examples(const LoadedNetwork& network, const std::string& name, std::int64_t from,
                      std::int64_t count) {
  const data::Dataset& part = network.part(name);
  const train::Model& model = network.run().model;
  const Shape& input = model.network.input;
  const std::int64_t each = part.x.size() / part.size();
  Json examples = Json::array();
  for (std::int64_t row = from; row < std::min(part.size(), from + count); ++row) {
    Json example = {{"row", row}, {"target", target_of(part, model, row)}};
    const Tensor x = part.x.rows(row, row + 1);
    if (takes_images(model)) {
      example["pixels"] = image_bytes(x, input[0], input[1], input[2]);
    } else {
      Json numbers = Json::array();
      for (std::int64_t i = 0; i < std::min(each, kMostFeatures); ++i) numbers.push_back(x.at(i));
      example["values"] = std::move(numbers);
    }
    examples.push_back(std::move(example));
  }
  return {{"part", name}, {"total", part.size()}, {"examples", std::move(examples)}};
}

Json network_filters(const LoadedNetwork& network, const std::string& path) {
  const train::LayerNode& layer = layer_of(network, path);
  require(Fault::usage, has_filters(layer),
          "{} ({}): a convolution over images was needed, it has no filters.", path, layer.kind);
  const Tensor weight = layer.parameters[0].value();
  const std::int64_t inputs = weight.shape()[1];
  const std::int64_t filters = std::min(weight.shape()[0], kMostPlanes);
  Json json = to_json(planes_of(weight, filters * inputs, kMostSide));
  json["version"] = network.version();
  json["path"] = path;
  json["filters"] = weight.shape()[0];
  json["inputs"] = inputs;
  json["shown"] = filters;
  return json;
}

Json network_maps(LoadedNetwork& network, const std::string& path, const std::string& part,
                  std::int64_t row) {
  const train::LayerNode& layer = layer_of(network, path);
  require(Fault::usage, layer.output.rank() == 4,
          "{} ({}): a layer whose output has a height and a width was needed.", path, layer.kind);
  const train::NetworkLook& look = network.example(part, row);
  const auto found = std::find_if(look.layers.begin(), look.layers.end(),
                                  [&](const train::LayerLook& known) { return known.path == path; });
  require(Fault::usage, found != look.layers.end(),
          "{} ({}): in predictions it passes on what it is given. Look at the layer before it.", path,
          layer.kind);
  return {{"version", network.version()},
          {"path", path},
          {"channels", layer.output[1]},
          {"full", {layer.output[2], layer.output[3]}},
          {"output", to_json(planes_of(found->y, kMostPlanes, kMostSide))},
          {"gradient", to_json(planes_of(found->dy, kMostPlanes, kMostSide))}};
}

}  // namespace gradus::board
