#include "train/health/record.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/check.h"
#include "base/file.h"

namespace gradus::train {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;  // writes null for NaN and infinity

template <class T>
Json optional(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

double number(const Json& json) { return json.is_null() ? std::nan("") : json.get<double>(); }

std::optional<double> optional_number(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional(json.get<double>());
}

HealthEvent look_from(const Json& json) {
  HealthEvent e;
  e.step = json.at("step");
  e.loss = number(json.at("loss"));
  e.smoothed_loss = optional_number(json.at("smoothed_loss"));
  e.lr = number(json.at("lr"));
  for (const Json& layer : json.at("layers")) {
    e.layers.push_back({.path = layer.at("path"),
                        .kind = layer.at("kind"),
                        .mean = number(layer.at("mean")),
                        .std = number(layer.at("std")),
                        .gradient_norm = number(layer.at("gradient_norm")),
                        .units = layer.at("units"),
                        .dead = optional_number(layer.at("dead")),
                        .saturated = optional_number(layer.at("saturated")),
                        .finite = layer.at("finite")});
  }
  for (const Json& parameter : json.at("parameters")) {
    e.parameters.push_back({.name = parameter.at("name"),
                            .norm = number(parameter.at("norm")),
                            .gradient_norm = number(parameter.at("gradient_norm")),
                            .update_norm = number(parameter.at("update_norm"))});
  }
  return e;
}

Finding finding_from(const Json& json) {
  return {.rule = json.at("rule"),
          .place = json.at("place"),
          .step = json.at("step"),
          .evidence = json.at("evidence"),
          .remedy = json.at("remedy")};
}

Scores scores_from(const Json& json) {
  return {
      .loss = number(json.at("loss")), .accuracy = optional_number(json.at("accuracy")), .n = json.at("n")};
}

EpochEvent epoch_from(const Json& json) {
  EpochEvent e;
  e.epoch = json.at("epoch");
  e.step = json.at("step");
  e.train = scores_from(json.at("train"));
  if (!json.at("val").is_null()) e.val = scores_from(json.at("val"));
  return e;
}

void add_line(HealthRecord& record, const Json& json) {
  const std::string type = json.at("type");
  if (type == "health") record.looks.push_back(look_from(json));
  if (type == "finding") record.findings.push_back(finding_from(json));
  if (type == "epoch") record.epochs.push_back(epoch_from(json));
}

}  // namespace

std::string Finding::str() const {
  return fmt::format("{}{}{}. Remedy: {}.", place, place.empty() ? "" : ": ", evidence, remedy);
}

nlohmann::ordered_json json_of(const HealthEvent& e) {
  Json layers = Json::array(), parameters = Json::array();
  for (const LayerHealth& layer : e.layers) {
    layers.push_back({{"path", layer.path},
                      {"kind", layer.kind},
                      {"mean", layer.mean},
                      {"std", layer.std},
                      {"gradient_norm", layer.gradient_norm},
                      {"units", layer.units},
                      {"dead", optional(layer.dead)},
                      {"saturated", optional(layer.saturated)},
                      {"finite", layer.finite}});
  }
  for (const ParameterHealth& parameter : e.parameters) {
    parameters.push_back({{"name", parameter.name},
                          {"norm", parameter.norm},
                          {"gradient_norm", parameter.gradient_norm},
                          {"update_norm", parameter.update_norm}});
  }
  return {{"type", "health"},
          {"step", e.step},
          {"loss", e.loss},
          {"smoothed_loss", optional(e.smoothed_loss)},
          {"lr", e.lr},
          {"layers", layers},
          {"parameters", parameters}};
}

nlohmann::ordered_json json_of(const Finding& f) {
  return {{"type", "finding"}, {"rule", f.rule},         {"place", f.place},
          {"step", f.step},    {"evidence", f.evidence}, {"remedy", f.remedy}};
}

HealthRecord read_health(const fs::path& dir) {
  HealthRecord record;
  const fs::path file = dir / "history.jsonl";
  if (!fs::exists(file)) return record;
  const std::vector<std::byte> bytes = read_file(file, Fault::model);
  std::istringstream text(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  std::int64_t at = 0;
  for (std::string line; std::getline(text, line);) {
    ++at;
    const bool half_written = text.eof();  // no line end behind it
    const Json json = Json::parse(line, nullptr, false);
    if (json.is_discarded() && half_written) break;
    try {
      add_line(record, json);
    } catch (const Json::exception& error) {
      fail(Fault::model, "{}:{}: the line cannot be read: {}.", file.string(), at, error.what());
    }
  }
  return record;
}

}  // namespace gradus::train
