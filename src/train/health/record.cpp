#include "train/health/record.h"

#include <sstream>

#include "base/check.h"
#include "base/file.h"
#include "train/history_json.h"

namespace gradus::train {

namespace {

namespace fs = std::filesystem;
using Json = HistoryJson;

HealthEvent look_from(const Json& json) {
  HealthEvent e;
  e.step = json.at("step");
  e.loss = number_from(json.at("loss"));
  e.smoothed_loss = optional_from<double>(json.at("smoothed_loss"));
  e.lr = number_from(json.at("lr"));
  for (const Json& layer : json.at("layers")) {
    e.layers.push_back({.path = layer.at("path"),
                        .kind = layer.at("kind"),
                        .mean = number_from(layer.at("mean")),
                        .std = number_from(layer.at("std")),
                        .gradient_norm = number_from(layer.at("gradient_norm")),
                        .units = layer.at("units"),
                        .dead = optional_from<double>(layer.at("dead")),
                        .saturated = optional_from<double>(layer.at("saturated")),
                        .finite = layer.at("finite")});
  }
  for (const Json& parameter : json.at("parameters")) {
    e.parameters.push_back({.name = parameter.at("name"),
                            .norm = number_from(parameter.at("norm")),
                            .gradient_norm = number_from(parameter.at("gradient_norm")),
                            .update_norm = number_from(parameter.at("update_norm"))});
  }
  return e;
}

void add_line(HealthRecord& record, const Json& json) {
  const std::string type = json.at("type");
  if (type == "health") record.looks.push_back(look_from(json));
  if (type == "finding") record.findings.push_back(finding_from(json));
  if (type == "epoch") record.epochs.push_back(epoch_from(json));
  if (type == "start") record.environment = environment_from(json);
  if (type == "end" || type == "finish") record.end = end_from(json);
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
                      {"dead", json_or_null(layer.dead)},
                      {"saturated", json_or_null(layer.saturated)},
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
          {"smoothed_loss", json_or_null(e.smoothed_loss)},
          {"lr", e.lr},
          {"layers", layers},
          {"parameters", parameters}};
}

nlohmann::ordered_json json_of(const Finding& f) {
  Json values = Json::object();
  for (const auto& [name, value] : f.values) values[name] = value;
  return {{"type", "finding"},      {"rule", f.rule},     {"place", f.place},     {"step", f.step},
          {"evidence", f.evidence}, {"remedy", f.remedy}, {"wording", f.wording}, {"values", values}};
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
