// Units that no longer answer: dead relu units, saturated sigmoid and tanh units.
#include <fmt/format.h>

#include "train/health/rules.h"

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

std::string at_first(const HealthCourse& course, const LayerHealth& layer, Share share) {
  const LayerHealth* first = find_layer(course.first, layer.path);
  if (!first || !(first->*share)) return "";
  return fmt::format(" ({:.0f} % at step {})", 100 * *(first->*share), course.first.step);
}

}  // namespace

std::optional<Finding> dying_units(const HealthCourse& course, const HealthFacts& facts) {
  if (!course.two_finite() || facts.batch_size < kBatch) return std::nullopt;
  const LayerHealth* worst = worst_layer(course, &LayerHealth::dead, kDead, kFewUnits, "");
  if (!worst) return std::nullopt;
  return Finding{.rule = "dying_units",
                 .place = title(*worst),
                 .step = course.now.step,
                 .evidence = fmt::format("{:.0f} % of its {} units gave 0 for the whole batch at step {}{}",
                                         100 * *worst->dead, worst->units, course.now.step,
                                         at_first(course, *worst, &LayerHealth::dead)),
                 .remedy = "take a smaller --lr, leaky_relu instead of relu, or put batch_norm before it"};
}

std::optional<Finding> saturation(const HealthCourse& course, const HealthFacts& facts) {
  if (!course.two_finite()) return std::nullopt;
  const LayerHealth* worst = worst_layer(course, &LayerHealth::saturated, kSaturated, 0, facts.last);
  if (!worst) return std::nullopt;
  return Finding{
      .rule = "saturation",
      .place = title(*worst),
      .step = course.now.step,
      .evidence = fmt::format("{:.0f} % of its outputs were saturated at step {}{}: where the slope "
                              "is near 0, no gradient passes",
                              100 * *worst->saturated, course.now.step,
                              at_first(course, *worst, &LayerHealth::saturated)),
      .remedy =
          "scale the inputs with --standardize on, initialize with glorot_uniform, take a "
          "smaller --lr, or put batch_norm before it"};
}

}  // namespace gradus::train::health
