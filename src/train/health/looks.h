// What several rules ask of a record.
#pragma once

#include <string>
#include <vector>

#include "train/health/rules.h"

namespace gradus::train {

// The newest look that is of every layer finite, and the one before; null where there is none such.
struct TwoLooks {
  const HealthEvent *now = nullptr, *before = nullptr;
  explicit operator bool() const { return now != nullptr; }
};
TwoLooks newest_two(const HealthRecord& record);

const LayerHealth* find_layer(const HealthEvent& event, const std::string& path);
std::string title(const LayerHealth& layer);  // "layers.3 (relu)"

// The median update-to-weight ratio of the weights of two axes or more; NaN where there is none.
double median_update_ratio(const HealthEvent& event, const HealthFacts& facts);

}  // namespace gradus::train
