// Vanishing and exploding gradients, and layers that get none.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "train/health/rules.h"

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
  return Finding{.rule = "vanishing_gradients",
                 .place = title(*now.first),
                 .step = course.now.step,
                 .evidence = fmt::format(
                     "the gradient vanishes on its way back: its norm is {:.2g} at {} and {:.2g} here, a "
                     "{:.0f}th (at step {}: a {:.0f}th)",
                     now.last->gradient_norm, title(*now.last), now.first->gradient_norm, 1 / now.ratio(),
                     course.before.step, 1 / before.ratio()),
                 .remedy =
                     "take relu instead of sigmoid or tanh, add batch_norm or residual connections, or "
                     "initialize weights with he_normal or glorot_uniform"};
}

std::optional<Finding> exploding_gradients(const HealthCourse& course, const HealthFacts& facts) {
  if (course.looks == 0) return std::nullopt;
  const HealthEvent &now = course.now, &first = course.first;
  Finding finding{.rule = "exploding_gradients",
                  .place = "",
                  .step = now.step,
                  .evidence = "",
                  .remedy =
                      "cut gradients off with --clip-norm 1, take a smaller --lr, or initialize weights "
                      "with he_normal or glorot_uniform"};
  const Ends ends = ends_of(now, facts);
  if (ends && ends.ratio() > kFar) {
    finding.place = title(*ends.first);
    finding.evidence = fmt::format(
        "the gradient explodes on its way back: its norm is {:.2g} at {} and {:.2g} here, {:.2g} times as "
        "large",
        ends.last->gradient_norm, title(*ends.last), ends.first->gradient_norm, ends.ratio());
    return finding;
  }
  const double norm = gradient_norm(now), at_first = gradient_norm(first);
  if (!(norm > kGrown * at_first && at_first > 0 && now.loss > first.loss)) return std::nullopt;
  finding.evidence = fmt::format(
      "the norm of the gradient is {:.2g}, {:.2g} at step {}, and the loss rose from {:.4g} to {:.4g}", norm,
      at_first, first.step, first.loss, now.loss);
  return finding;
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
  return Finding{
      .rule = "no_gradient",
      .place = places,
      .step = course.now.step,
      .evidence = fmt::format("no gradient arrives: dL/dy is exactly 0 here at steps {} and {}, and "
                              "{:.2g} at {}",
                              course.before.step, course.now.step, now.last->gradient_norm, title(*now.last)),
      .remedy =
          "look for weights of zeros or dead relu units behind it, and initialize with "
          "he_normal; or leave it out with --freeze"};
}

}  // namespace gradus::train::health
