// Units that no longer answer: dead relu units, saturated sigmoid and tanh units.
#include <fmt/format.h>

#include "train/health/rules.h"
#include "train/health/wording.h"

namespace gradus::train::health {

namespace {

// Trained networks have units that are rarely active, and up to a third that a batch does not wake.
constexpr double kDead = 0.5;
constexpr double kFewUnits = 4;  // dead ones that may be chance in a small layer
// With fewer examples a unit that is active for half of them may miss a whole batch by chance.
constexpr std::int64_t kBatch = 16;
// Layers in front of the output saturate in part as they learn; where three of four outputs do, next to no
// gradient passes (Glorot & Bengio 2010).
constexpr double kSaturated = 0.75;

using Share = std::optional<double> LayerHealth::*;

// The layer with the largest share that is above the limit at both looks, `skipped` left out.
const LayerHealth* worst_layer(const HealthCourse& course, Share share, double limit, double least_units,
                               const std::string& skipped) {
  const LayerHealth* worst = nullptr;
  for (const LayerHealth& layer : course.now.layers) {
    const LayerHealth* before = find_layer(course.before, layer.path);
    if (!(layer.*share) || !before || !(before->*share) || layer.path == skipped) continue;
    const double now = *(layer.*share);
    if (now < limit || *(before->*share) < limit) continue;
    if (now * static_cast<double>(layer.units) < least_units) continue;
    if (!worst || now > *(worst->*share)) worst = &layer;
  }
  return worst;
}

// The share in percent, and at the first look.
Finding of_share(const std::string& key, const HealthCourse& course, const LayerHealth& layer, Share share) {
  const auto percent = [&](const LayerHealth& of) { return fmt::format("{:.0f}", 100 * *(of.*share)); };
  FindingValues values = {{"percent", percent(layer)},
                          {"units", fmt::to_string(layer.units)},
                          {"step", fmt::to_string(course.now.step)}};
  const LayerHealth* first = find_layer(course.first, layer.path);
  if (!first || !(first->*share)) return finding(key, title(layer), course.now.step, std::move(values));
  values.emplace_back("percent_before", percent(*first));
  values.emplace_back("before", fmt::to_string(course.first.step));
  return finding(key + ".since", title(layer), course.now.step, std::move(values));
}

}  // namespace

std::optional<Finding> dying_units(const HealthCourse& course, const HealthFacts& facts) {
  if (!course.two_finite() || facts.batch_size < kBatch) return std::nullopt;
  const LayerHealth* worst = worst_layer(course, &LayerHealth::dead, kDead, kFewUnits, "");
  if (!worst) return std::nullopt;
  return of_share("dying_units", course, *worst, &LayerHealth::dead);
}

std::optional<Finding> saturation(const HealthCourse& course, const HealthFacts& facts) {
  if (!course.two_finite()) return std::nullopt;
  const LayerHealth* worst = worst_layer(course, &LayerHealth::saturated, kSaturated, 0, facts.last);
  if (!worst) return std::nullopt;
  return of_share("saturation", course, *worst, &LayerHealth::saturated);
}

}  // namespace gradus::train::health
