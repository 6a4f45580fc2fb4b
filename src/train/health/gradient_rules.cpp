// Vanishing and exploding gradients, and layers that get none.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "train/health/rules.h"
#include "train/health/wording.h"

namespace gradus::train::health {

namespace {

// Weights drawn by Glorot & Bengio (2010) or He et al. (2015) keep the size of gradients about the same from
// layer to layer; changes of width and pooling move the norm by up to some tens. Beyond a thousand, plain
// descent moves one end of the network a thousand times faster than the other.
constexpr double kFar = 1e3;
// A gradient that grows so much over the first one makes steps that undo the training (Pascanu, Mikolov &
// Bengio 2013).
constexpr double kGrown = 100;

// dL/dy of the first and the last layer with weights.
struct Ends {
  const LayerHealth *first = nullptr, *last = nullptr;
  double ratio() const { return first->gradient_norm / last->gradient_norm; }
  explicit operator bool() const { return first && last && first != last && last->gradient_norm > 0; }
};

Ends ends_of(const HealthEvent& event, const HealthFacts& facts) {
  if (facts.weighted.size() < 2) return {};
  return {.first = find_layer(event, facts.weighted.front()),
          .last = find_layer(event, facts.weighted.back())};
}

double gradient_norm(const HealthEvent& event) {
  double squares = 0;
  for (const ParameterHealth& parameter : event.parameters)
    squares += parameter.gradient_norm * parameter.gradient_norm;
  return std::sqrt(squares);
}

}  // namespace

std::optional<Finding> vanishing_gradients(const HealthCourse& course, const HealthFacts& facts) {
  if (!course.two_finite()) return std::nullopt;
  const Ends now = ends_of(course.now, facts), before = ends_of(course.before, facts);
  if (!now || !before || now.first->gradient_norm == 0) return std::nullopt;
  if (now.ratio() > 1 / kFar || before.ratio() > 1 / kFar) return std::nullopt;
  return finding("vanishing_gradients", title(*now.first), course.now.step,
                 {{"last", fmt::format("{:.2g}", now.last->gradient_norm)},
                  {"last_layer", title(*now.last)},
                  {"first", fmt::format("{:.2g}", now.first->gradient_norm)},
                  {"part", fmt::format("{:.0f}", 1 / now.ratio())},
                  {"before", fmt::to_string(course.before.step)},
                  {"part_before", fmt::format("{:.0f}", 1 / before.ratio())}});
}

std::optional<Finding> exploding_gradients(const HealthCourse& course, const HealthFacts& facts) {
  if (course.looks == 0) return std::nullopt;
  const HealthEvent &now = course.now, &first = course.first;
  const Ends ends = ends_of(now, facts);
  if (ends && ends.ratio() > kFar) {
    return finding("exploding_gradients", title(*ends.first), now.step,
                   {{"last", fmt::format("{:.2g}", ends.last->gradient_norm)},
                    {"last_layer", title(*ends.last)},
                    {"first", fmt::format("{:.2g}", ends.first->gradient_norm)},
                    {"times", fmt::format("{:.2g}", ends.ratio())}});
  }
  const double norm = gradient_norm(now), at_first = gradient_norm(first);
  if (!(norm > kGrown * at_first && at_first > 0 && now.loss > first.loss)) return std::nullopt;
  return finding("exploding_gradients.grown", "", now.step,
                 {{"norm", fmt::format("{:.2g}", norm)},
                  {"norm_before", fmt::format("{:.2g}", at_first)},
                  {"before", fmt::to_string(first.step)},
                  {"loss_before", fmt::format("{:.4g}", first.loss)},
                  {"loss", fmt::format("{:.4g}", now.loss)}});
}

std::optional<Finding> no_gradient(const HealthCourse& course, const HealthFacts& facts) {
  if (!course.two_finite()) return std::nullopt;
  const Ends now = ends_of(course.now, facts), before = ends_of(course.before, facts);
  if (!now || !before) return std::nullopt;  // or the loss is as low as it can be
  std::string places;
  for (const std::string& path : facts.weighted) {
    const LayerHealth *layer = find_layer(course.now, path), *earlier = find_layer(course.before, path);
    if (!layer || !earlier || layer->gradient_norm != 0 || earlier->gradient_norm != 0) continue;
    places += (places.empty() ? "" : ", ") + title(*layer);
  }
  if (places.empty()) return std::nullopt;
  return finding("no_gradient", places, course.now.step,
                 {{"before", fmt::to_string(course.before.step)},
                  {"step", fmt::to_string(course.now.step)},
                  {"last", fmt::format("{:.2g}", now.last->gradient_norm)},
                  {"last_layer", title(*now.last)}});
}

}  // namespace gradus::train::health
