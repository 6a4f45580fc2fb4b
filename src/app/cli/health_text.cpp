#include "app/cli/health_text.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "app/figures/sparkline.h"
#include "base/check.h"
#include "base/text.h"
#include "train/history_json.h"

namespace gradus::cli {
namespace {

using train::HealthEvent, train::HealthRecord, train::LayerHealth, train::ParameterHealth;

constexpr std::size_t kWidth = 100, kSparkColumns = 16;

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

// A number at the first look, the last, and where it was worst, with the step.
struct Course {
  std::vector<double> values;  // at each look, NaN where it was not there
  std::string (*print)(double);
  bool low_is_bad = false;
};

std::vector<std::string> cells(const Course& course, const std::vector<HealthEvent>& looks, bool unicode) {
  std::size_t worst = 0;
  for (std::size_t i = 1; i < course.values.size(); ++i) {
    const double x = course.values[i], known = course.values[worst];
    const bool worse = course.low_is_bad ? x < known : x > known;
    if (worse || (!std::isfinite(x) && std::isfinite(known))) worst = i;
  }
  return {course.print(course.values.front()), course.print(course.values.back()),
          fmt::format("{} at {}", course.print(course.values[worst]), grouped(looks[worst].step)),
          figures::sparkline(course.values, kSparkColumns, unicode)};
}

TextTable table(const std::string& what) {
  using enum TextTable::Align;
  return TextTable({{what}, {"first", right}, {"last", right}, {"worst, at step", right}, {"course"}});
}

void add_row(TextTable& table, const std::string& name, const Course& course,
             const std::vector<HealthEvent>& looks, bool unicode) {
  std::vector<std::string> row = cells(course, looks, unicode);
  row.insert(row.begin(), name);
  table.row(std::move(row));
}

// A number of one layer, or of one parameter, over all looks.
template <class Part>
std::vector<double> over_looks(const std::vector<HealthEvent>& looks, std::vector<Part> HealthEvent::*parts,
                               std::size_t at, const std::function<double(const Part&)>& number) {
  std::vector<double> values;
  for (const HealthEvent& look : looks) {
    const bool there = at < (look.*parts).size();
    values.push_back(there ? number((look.*parts)[at]) : std::nan(""));
  }
  return values;
}

std::string layers_text(const HealthRecord& record, bool unicode) {
  const std::vector<LayerHealth>& layers = record.looks.front().layers;
  std::string text;
  const auto add = [&](const std::string& title, std::function<double(const LayerHealth&)> number,
                       std::string (*print)(double), bool low_is_bad,
                       const std::function<bool(const LayerHealth&)>& has) {
    TextTable rows = table("layer");
    bool any = false;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      if (!has(layers[i])) continue;
      any = true;
      add_row(rows, fmt::format("{} ({})", layers[i].path, layers[i].kind),
              {.values = over_looks<LayerHealth>(record.looks, &HealthEvent::layers, i, number),
               .print = print,
               .low_is_bad = low_is_bad},
              record.looks, unicode);
    }
    if (any) text += title + "\n" + rows.str() + "\n";
  };
  const auto all = [](const LayerHealth&) { return true; };
  add(
      "Gradient norm, dL/dy", [](const LayerHealth& l) { return l.gradient_norm; }, measure, true, all);
  add(
      "Activation mean", [](const LayerHealth& l) { return l.mean; }, measure, false, all);
  add(
      "Activation spread, one standard deviation", [](const LayerHealth& l) { return l.std; }, measure, false,
      all);
  add(
      "Dead units: 0 for the whole batch", [](const LayerHealth& l) { return l.dead.value_or(std::nan("")); },
      percent, false, [](const LayerHealth& l) { return l.dead.has_value(); });
  add(
      "Saturated outputs", [](const LayerHealth& l) { return l.saturated.value_or(std::nan("")); }, percent,
      false, [](const LayerHealth& l) { return l.saturated.has_value(); });
  return text;
}

std::string parameters_text(const HealthRecord& record, bool unicode) {
  TextTable rows = table("parameter");
  const std::vector<ParameterHealth>& parameters = record.looks.front().parameters;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    add_row(rows, parameters[i].name,
            {.values = over_looks<ParameterHealth>(record.looks, &HealthEvent::parameters, i,
                                                   [](const ParameterHealth& p) { return p.update_ratio(); }),
             .print = measure},
            record.looks, unicode);
  }
  return "Update-to-weight ratio (1e-3 is usual)\n" + rows.str();
}

std::string findings_text(const HealthRecord& record) {
  if (record.findings.empty()) return "Nothing was found wrong.\n";
  std::string text;
  for (const train::Finding& finding : record.findings) {
    const std::string when =
        finding.step > 0 ? fmt::format("at step {}", grouped(finding.step)) : "before the first step";
    text += fmt::format("{}, {}{}\n", finding.rule, when, finding.place.empty() ? "" : ": " + finding.place);
    text += indented(finding.evidence + ".", 2, kWidth);
    text += indented("Remedy: " + finding.remedy + ".", 2, kWidth);
  }
  return text;
}

}  // namespace

std::string health_text(const HealthRecord& record, bool unicode) {
  std::string text;
  if (record.environment) text += fmt::format("Trained on {}.\n", record.environment->str());
  if (record.end) text += record.end->str() + "\n";
  if (!text.empty()) text += "\n";
  text += findings_text(record);
  if (record.looks.empty()) return text + "\nThe network was not looked at.\n";
  const std::int64_t first = record.looks.front().step, last = record.looks.back().step;
  text += fmt::format("\n{}, from step {} to step {}\n\n",
                      counted(static_cast<std::int64_t>(record.looks.size()), "look"), grouped(first),
                      grouped(last));
  return text + layers_text(record, unicode) + parameters_text(record, unicode);
}

std::string health_json(const HealthRecord& record) {
  nlohmann::ordered_json looks = nlohmann::ordered_json::array(), findings = looks;
  const auto without_type = [](nlohmann::ordered_json json) {
    json.erase("type");
    return json;
  };
  for (const HealthEvent& look : record.looks) looks.push_back(without_type(train::json_of(look)));
  for (const train::Finding& finding : record.findings)
    findings.push_back(without_type(train::json_of(finding)));
  const nlohmann::ordered_json null;
  return nlohmann::ordered_json{
             {"environment", record.environment ? train::json_of(*record.environment) : null},
             {"end", record.end ? without_type(train::json_of(*record.end)) : null},
             {"findings", findings},
             {"looks", looks}}
             .dump() +
         "\n";
}

}  // namespace gradus::cli
