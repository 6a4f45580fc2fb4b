#include "train/health/course.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gradus::train {

namespace {

bool finite(const HealthEvent& event) {
  return std::all_of(event.layers.begin(), event.layers.end(),
                     [](const LayerHealth& layer) { return layer.finite; });
}

double median_update_ratio(const HealthEvent& event, const HealthFacts& facts) {
  std::vector<double> ratios;
  for (const ParameterHealth& parameter : event.parameters) {
    const bool weight =
        std::find(facts.weights.begin(), facts.weights.end(), parameter.name) != facts.weights.end();
    if (weight && parameter.norm > 0) ratios.push_back(parameter.update_ratio());
  }
  if (ratios.empty()) return std::nan("");
  const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
  std::nth_element(ratios.begin(), middle, ratios.end());
  return *middle;
}

double judged(const EpochEvent& epoch) { return epoch.val ? epoch.val->loss : epoch.train.loss; }

}  // namespace

void HealthCourse::add(const HealthEvent& look, const HealthFacts& facts) {
  ++looks;
  if (looks == 1) first = look;
  if (looks == 2) second = look;
  before = std::move(now);
  now = look;
  update = {.ratio = median_update_ratio(look, facts), .step = look.step, .lr = look.lr};
  if (!(largest_update.ratio >= update.ratio)) largest_update = update;
}

void HealthCourse::add(const EpochEvent& epoch) {
  last = epoch;
  if (++epochs == 1 || judged(epoch) < judged(best)) best = epoch;
  overfitted = epoch.val && judged(epoch) > kOverfitted * judged(best) ? overfitted + 1 : 0;
}

bool HealthCourse::told(std::string_view rule) const {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const Finding& finding) { return finding.rule == rule; });
}

bool HealthCourse::told_any(std::initializer_list<std::string_view> rules) const {
  return std::any_of(rules.begin(), rules.end(), [&](std::string_view rule) { return told(rule); });
}

bool HealthCourse::two_finite() const { return looks > 1 && finite(now) && finite(before); }

HealthCourse course_of(const HealthRecord& record, const HealthFacts& facts) {
  HealthCourse course;
  for (const HealthEvent& look : record.looks) course.add(look, facts);
  for (const EpochEvent& epoch : record.epochs) course.add(epoch);
  course.findings = record.findings;
  return course;
}

const LayerHealth* find_layer(const HealthEvent& event, std::string_view path) {
  for (const LayerHealth& layer : event.layers)
    if (layer.path == path) return &layer;
  return nullptr;
}

std::string title(const LayerHealth& layer) { return fmt::format("{} ({})", layer.path, layer.kind); }

}  // namespace gradus::train
