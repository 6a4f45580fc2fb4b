#include <cmath>
#include <nlohmann/json.hpp>

#include "app/cli/explain_text.h"

namespace gradus::cli {
namespace {

using Json = nlohmann::ordered_json;

Json number(double x) { return std::isfinite(x) ? Json(x) : Json(); }

Json json_of(const train::ArrayView& array) {
  Json values = Json::array();
  for (const double x : array.values) values.push_back(number(x));
  return {{"symbol", array.symbol},
          {"name", array.name},
          {"formula", array.formula.empty() ? Json() : Json(array.formula)},
          {"dtype", name(array.type.dtype)},
          {"shape", array.type.shape.list()},
          {"mean", number(array.mean)},
          {"std", number(array.std)},
          {"min", number(array.min)},
          {"max", number(array.max)},
          {"norm", number(array.norm)},
          {"not_finite", array.not_finite},
          {"values", values},
          {"complete", array.complete}};
}

Json json_of(const std::vector<train::ArrayView>& arrays) {
  Json list = Json::array();
  for (const train::ArrayView& array : arrays) list.push_back(json_of(array));
  return list;
}

const char* stage_name(train::ExplainStep::Stage stage) {
  constexpr const char* kNames[] = {"forward", "loss", "backward", "update"};
  return kNames[stage];
}

}  // namespace

std::string explanation_json(const train::Explanation& explanation) {
  Json steps = Json::array();
  for (const train::ExplainStep& step : explanation.steps) {
    steps.push_back({{"stage", stage_name(step.stage)},
                     {"path", step.path},
                     {"kind", step.kind.empty() ? Json() : Json(step.kind)},
                     {"arrays", json_of(step.arrays)}});
  }
  return Json{{"examples", explanation.examples},
              {"row", explanation.row ? Json(*explanation.row) : Json()},
              {"loss_name", explanation.loss_name},
              {"optimizer", explanation.optimizer},
              {"lr", number(explanation.lr)},
              {"precision", explanation.precision},
              {"loss", number(explanation.loss)},
              {"batch", json_of(explanation.batch)},
              {"steps", steps}}
             .dump() +
         "\n";
}

std::string weight_json(const train::WeightExplanation& e) {
  Json largest = Json::array();
  for (const train::WeightPath& path : e.largest) {
    Json factors = Json::array();
    for (const train::PathFactor& factor : path.factors)
      factors.push_back({{"unit", factor.unit}, {"value", number(factor.value)}});
    largest.push_back({{"product", number(path.product)}, {"factors", factors}});
  }
  return Json{{"weight", e.weight},
              {"value", number(e.value)},
              {"grouped", e.grouped},
              {"paths", number(e.paths)},
              {"largest", largest},
              {"shown", number(e.shown)},
              {"sum", number(e.sum)},
              {"shown_magnitude", number(e.shown_magnitude)},
              {"magnitude", number(e.magnitude)},
              {"gradient", number(e.gradient)},
              {"precision", e.precision},
              {"difference", number(e.difference)},
              {"difference_change", number(e.difference_change)}}
             .dump() +
         "\n";
}

}  // namespace gradus::cli
