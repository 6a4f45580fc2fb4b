#include <nlohmann/json.hpp>

#include "app/cli/explain_text.h"

namespace gradus::cli {
namespace {

using Json = nlohmann::ordered_json;  // writes null for NaN and infinity

Json json_of(const train::ArrayView& array) {
  return {{"symbol", array.symbol},
          {"name", array.name},
          {"formula", array.formula.empty() ? Json() : Json(array.formula)},
          {"dtype", name(array.type.dtype)},
          {"shape", array.type.shape.list()},
          {"mean", array.mean},
          {"std", array.std},
          {"min", array.min},
          {"max", array.max},
          {"norm", array.norm},
          {"not_finite", array.not_finite},
          {"values", array.values},
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
    steps.push_back({{"number", step.number},
                     {"stage", stage_name(step.stage)},
                     {"path", step.path},
                     {"kind", step.kind.empty() ? Json() : Json(step.kind)},
                     {"arrays", json_of(step.arrays)}});
  }
  return Json{{"examples", explanation.examples},
              {"row", explanation.row ? Json(*explanation.row) : Json()},
              {"checkpoint_step", explanation.from ? Json(*explanation.from) : Json()},
              {"loss_name", explanation.loss_name},
              {"optimizer", explanation.optimizer},
              {"lr", explanation.lr},
              {"precision", explanation.precision},
              {"loss", explanation.loss},
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
      factors.push_back({{"unit", factor.unit}, {"value", factor.value}});
    largest.push_back({{"product", path.product}, {"factors", factors}});
  }
  return Json{{"weight", e.weight},
              {"value", e.value},
              {"grouped", e.grouped},
              {"paths", e.paths},
              {"largest", largest},
              {"shown", e.shown},
              {"sum", e.sum},
              {"shown_magnitude", e.shown_magnitude},
              {"magnitude", e.magnitude},
              {"gradient", e.gradient},
              {"precision", e.precision},
              {"difference", e.difference},
              {"difference_change", e.difference_change}}
             .dump() +
         "\n";
}

}  // namespace gradus::cli
