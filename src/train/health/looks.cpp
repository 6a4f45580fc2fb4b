#include "train/health/looks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gradus::train {

TwoLooks newest_two(const HealthRecord& record) {
  const auto finite = [](const HealthEvent& event) {
    return std::all_of(event.layers.begin(), event.layers.end(),
                       [](const LayerHealth& layer) { return layer.finite; });
  };
  const std::size_t n = record.looks.size();
  if (n < 2 || !finite(record.looks[n - 1]) || !finite(record.looks[n - 2])) return {};
  return {.now = &record.looks[n - 1], .before = &record.looks[n - 2]};
}

const LayerHealth* find_layer(const HealthEvent& event, const std::string& path) {
  for (const LayerHealth& layer : event.layers)
    if (layer.path == path) return &layer;
  return nullptr;
}

std::string title(const LayerHealth& layer) { return fmt::format("{} ({})", layer.path, layer.kind); }

double median_update_ratio(const HealthEvent& event, const HealthFacts& facts) {
  std::vector<double> ratios;
  for (const ParameterHealth& parameter : event.parameters) {
    const std::string layer = parameter.name.substr(0, parameter.name.rfind('.'));
    const bool weight =
        parameter.name.ends_with(".weight") &&
        std::find(facts.weighted.begin(), facts.weighted.end(), layer) != facts.weighted.end();
    if (weight && parameter.norm > 0) ratios.push_back(parameter.update_ratio());
  }
  if (ratios.empty()) return std::nan("");
  const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
  std::nth_element(ratios.begin(), middle, ratios.end());
  return *middle;
}

}  // namespace gradus::train
