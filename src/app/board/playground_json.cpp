#include "app/board/playground_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "app/figures/base64.h"
#include "train/names.h"
#include "train/outputs.h"
#include "train/prepare.h"

namespace gradus::board {
namespace {

Json list_of(const std::vector<double>& values, Numbers numbers) {
  if (numbers == Numbers::plain) return values;
  std::string bytes;
  bytes.reserve(4 * values.size());
  for (const double value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    for (unsigned shift = 0; shift < 32; shift += 8)
      bytes += static_cast<char>(static_cast<unsigned char>(bits >> shift));
  }
  return figures::base64(std::as_bytes(std::span(bytes)));
}

std::vector<double> all_of(const Tensor& tensor) {
  std::vector<double> values(static_cast<std::size_t>(tensor.size()));
  for (std::int64_t i = 0; i < tensor.size(); ++i) values[static_cast<std::size_t>(i)] = tensor.at(i);
  return values;
}

// One row of an array [rows, ...], or the mean of all.
template <class At>
std::vector<double> row_or_mean(std::int64_t size, std::int64_t rows, std::optional<std::int64_t> row,
                                const At& at) {
  const std::int64_t width = size / std::max<std::int64_t>(rows, 1);
  std::vector<double> values(static_cast<std::size_t>(width));
  for (std::int64_t j = 0; j < width; ++j) {
    double& value = values[static_cast<std::size_t>(j)];
    if (row) {
      value = at(*row * width + j);
      continue;
    }
    for (std::int64_t i = 0; i < rows; ++i) value += at(i * width + j);
    value /= static_cast<double>(rows);
  }
  return values;
}

std::vector<double> units_of(const Tensor& tensor, std::optional<std::int64_t> row) {
  return row_or_mean(tensor.size(), tensor.shape()[0], row, [&](std::int64_t i) { return tensor.at(i); });
}

Json shape_json(const Shape& shape) {
  Json list = Json::array();
  for (int axis = 0; axis < shape.rank(); ++axis) list.push_back(shape[axis]);
  return list;
}

Json scores_json(const train::Scores& scores) {
  Json json = {{"loss", scores.loss}, {"n", scores.n}};
  json["accuracy"] = scores.accuracy ? Json(*scores.accuracy) : Json();
  return json;
}

std::optional<std::int64_t> within(std::optional<std::int64_t> example, const train::LookedBatch& batch) {
  if (!example) return {};
  return std::clamp<std::int64_t>(*example, 0, batch.examples - 1);
}

Json example_json(std::optional<std::int64_t> example) { return example ? Json(*example) : Json(); }

Json points_json(const data::Dataset& part) {
  const std::int64_t features = part.example_shape().size();
  std::vector<double> x, y;
  for (std::int64_t i = 0; i < part.size(); ++i) {
    x.push_back(part.x.at(i * features));
    y.push_back(part.x.at(i * features + 1));
  }
  const std::int64_t targets = part.y.size() / std::max<std::int64_t>(part.size(), 1);
  std::vector<double> target;
  for (std::int64_t i = 0; i < part.size(); ++i) target.push_back(part.y.at(i * targets));
  return {{"x", x}, {"y", y}, {"target", target}};
}

// Layers whose units stand in one column of the drawing: each dense layer begins one, and what works on its
// units follows it.
Json layers_json(const StepLook& look) {
  Json layers = Json::array();
  std::int64_t column = -1;
  for (std::size_t k = 0; k < look.step.layers.size(); ++k) {
    const train::LookedLayer& layer = look.step.layers[k];
    if (layer.kind == "dense") ++column;
    Json parameters = Json::array();
    for (const Variable& parameter : layer.parameters) {
      const auto& all = look.step.parameters;
      parameters.push_back(std::find(all.begin(), all.end(), parameter) - all.begin());
    }
    layers.push_back({{"path", layer.path},
                      {"kind", layer.kind},
                      {"units", look.y[k].size() / look.y[k].shape()[0]},
                      {"column", column},
                      {"parameters", std::move(parameters)}});
  }
  return layers;
}

Json plane_json(const PlaneView& plane, Numbers numbers) {
  Json json = {{"size", plane.size}, {"x", {plane.x0, plane.x1}}, {"y", {plane.y0, plane.y1}}};
  const bool packed = numbers == Numbers::packed;
  json["values"] = list_of(plane.values, numbers);
  if (plane.classes.empty()) {
    json["classes"] = Json();
  } else if (packed) {
    const std::string bytes(plane.classes.begin(), plane.classes.end());
    json["classes"] = figures::base64(std::as_bytes(std::span(bytes)));
  } else {
    json["classes"] = plane.classes;
  }
  return json;
}

const char* stage_name(train::ExplainStep::Stage stage) {
  switch (stage) {
    case train::ExplainStep::forward:
      return "forward";
    case train::ExplainStep::loss:
      return "loss";
    case train::ExplainStep::backward:
      return "backward";
    case train::ExplainStep::update:
      return "update";
  }
  return "";
}

// Arrays with a row for each example of the batch are cut to the one that is shown.
Json array_json(const train::ArrayView& array, bool by_example, std::optional<std::int64_t> example) {
  Json json = {{"symbol", array.symbol},   {"name", array.name},
               {"formula", array.formula}, {"shape", shape_json(array.type.shape)},
               {"by_example", by_example}, {"mean", array.mean},
               {"std", array.std},         {"min", array.min},
               {"max", array.max},         {"norm", array.norm}};
  const auto at = [&](std::int64_t i) { return array.values[static_cast<std::size_t>(i)]; };
  json["values"] = by_example ? row_or_mean(static_cast<std::int64_t>(array.values.size()),
                                            array.type.shape[0], example, at)
                              : array.values;
  return json;
}

}  // namespace

Json playground_setup(const PlaygroundEngine& engine) {
  const train::Prepared& run = engine.run();
  const StepLook look(run, train::batch_of_step(run, 0));
  Json parameters = Json::array();
  for (const Variable& parameter : look.step.parameters)
    parameters.push_back({{"name", parameter.name()}, {"shape", shape_json(parameter.type().shape)}});
  const data::Dataset& data = run.parts.train;
  std::vector<std::string> features = data.feature_names;
  for (auto i = static_cast<std::int64_t>(features.size()); i < data.example_shape().size(); ++i)
    features.push_back(fmt::format("x{}", i + 1));
  const bool classes = run.model.kind == data::Kind::classes && nn::find_loss(run.model.loss).classifies;
  return {{"layers", layers_json(look)},
          {"parameters", std::move(parameters)},
          {"features", features},
          {"standardized", run.model.standardizer.has_value()},
          {"kind", train::name_in(train::kKinds, run.model.kind)},
          {"class_names", classes ? Json(train::names_of_classes(run.model)) : Json()},
          {"train", points_json(data)},
          {"test", run.parts.test ? points_json(*run.parts.test) : Json()},
          {"loss", run.model.loss},
          {"optimizer", run.config.optimizer},
          {"lr", run.config.lr.value()},
          {"batch_size", train::batch_size(run)},
          {"steps_per_epoch", train::steps_per_epoch(run)},
          {"model", nn::to_toml(run.model.network.spec)}};
}

Json playground_state(PlaygroundEngine& engine, std::optional<std::int64_t> example, Numbers numbers) {
  const StepLook& look = engine.look();
  const train::LookedBatch& batch = engine.batch();
  const std::optional<std::int64_t> row = within(example, batch);
  Json units = Json::array(), unit_gradients = Json::array(), weights = Json::array(),
       weight_gradients = Json::array();
  for (const Tensor& y : look.y) units.push_back(list_of(units_of(y, row), numbers));
  for (const Tensor& dy : look.dy) unit_gradients.push_back(list_of(units_of(dy, row), numbers));
  for (const Variable& parameter : look.step.parameters)
    weights.push_back(list_of(all_of(parameter.value()), numbers));
  for (const Tensor& dw : look.dw) weight_gradients.push_back(list_of(all_of(dw), numbers));
  const train::Prepared& run = engine.run();
  Json json = {{"step", engine.position()},
               {"epoch", engine.position() / engine.stepper().steps_per_epoch()},
               {"lr", engine.stepper().lr_at(engine.position())},
               {"train", scores_json(engine.scores(run.parts.train))},
               {"test", run.parts.test ? scores_json(engine.scores(*run.parts.test)) : Json()},
               {"examples", batch.examples},
               {"example", example_json(row)},
               {"x", list_of(units_of(batch.x, row), numbers)},
               {"target", row ? Json(batch.y.at(*row * (batch.y.size() / batch.examples))) : Json()}};
  // Where the batch's examples are on the plane.
  const std::int64_t features = batch.x.size() / batch.examples;
  std::vector<double> across, up;
  for (std::int64_t i = 0; i < batch.examples; ++i) {
    across.push_back(batch.x.at(i * features));
    up.push_back(batch.x.at(i * features + 1));
  }
  json["batch"] = {{"x", list_of(across, numbers)}, {"y", list_of(up, numbers)}};
  json["units"] = std::move(units);
  json["unit_gradients"] = std::move(unit_gradients);
  json["weights"] = std::move(weights);
  json["weight_gradients"] = std::move(weight_gradients);
  json["plane"] = plane_json(engine.plane(), numbers);
  return json;
}

Json playground_phases(PlaygroundEngine& engine, std::optional<std::int64_t> example) {
  const std::optional<std::int64_t> row = within(example, engine.batch());
  const train::Explanation e = engine.explain();
  Json batch = Json::array(), phases = Json::array();
  for (const train::ArrayView& array : e.batch) batch.push_back(array_json(array, true, row));
  std::int64_t forward = 0, backward = 0;
  for (const train::ExplainStep& step : e.steps)
    backward += step.stage == train::ExplainStep::forward ? 1 : 0;
  for (const train::ExplainStep& step : e.steps) {
    Json arrays = Json::array();
    for (const train::ArrayView& array : step.arrays)
      arrays.push_back(array_json(array, array.name == "output" || array.name.starts_with("dL/dy"), row));
    Json phase = {{"stage", stage_name(step.stage)}, {"path", step.path}, {"kind", step.kind}};
    phase["layer"] = step.stage == train::ExplainStep::forward    ? Json(forward++)
                     : step.stage == train::ExplainStep::backward ? Json(--backward)
                                                                  : Json();
    phase["arrays"] = std::move(arrays);
    phases.push_back(std::move(phase));
  }
  return {{"step", engine.position()},
          {"example", example_json(row)},
          {"examples", e.examples},
          {"lr", e.lr},
          {"loss", e.loss},
          {"batch", std::move(batch)},
          {"phases", std::move(phases)}};
}

}  // namespace gradus::board
