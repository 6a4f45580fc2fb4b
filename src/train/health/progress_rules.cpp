// How the loss falls: the learning rate, overfitting, labels that the inputs do not tell.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "train/health/rules.h"
#include "train/health/wording.h"

namespace gradus::train::health {

namespace {

// An update is usually about 1e-3 of its weight (Karpathy, CS231n); ten times more is high, a hundredth low.
constexpr double kHighRatio = 1e-2, kLowRatio = 1e-5;
constexpr double kExtremeRatio = 0.5;  // such an update replaces what the weights have learned
constexpr double kRisen = 1.2;         // the smoothed loss at two looks, of the first batch's
constexpr double kNotFallen = 0.95;    // the smoothed loss, of what it was at the second look
constexpr std::int64_t kEpochs = 5;    // in a row that overfit
// What is learned by heart does better than what is not by more than this factor; and a few examples of a
// validation part tell only what is beyond so many standard errors.
constexpr double kApart = 1.2, kErrors = 2;
// Where training has not got below what no look at the inputs gives, of it.
constexpr double kChance = 0.98, kChanceOfVal = 0.95;  // few examples may do a little better by chance
constexpr std::int64_t kChanceEpochs = 10, kChanceSteps = 200;
constexpr double kMoves = 1e-4;  // an update ratio with which weights get somewhere in that time

}  // namespace

std::optional<Finding> high_learning_rate(const HealthCourse& course, const HealthFacts&) {
  if (course.looks < 2) return std::nullopt;  // the first update may be large: it starts from nothing
  const HealthEvent &now = course.now, &first = course.first;
  const auto risen = [&](const HealthEvent& look) {
    return look.smoothed_loss && *look.smoothed_loss > kRisen * first.loss;
  };
  const bool rose = risen(now) && risen(course.before);
  const HealthCourse::Update& at = rose ? course.largest_update : course.update;
  if (!(at.ratio > kExtremeRatio || (at.ratio > kHighRatio && rose))) return std::nullopt;
  FindingValues values = {{"lr", fmt::format("{:.3g}", at.lr)},
                          {"update", fmt::to_string(at.step)},
                          {"percent", fmt::format("{:.2g}", 100 * at.ratio)},
                          {"better", fmt::format("{:.1g}", at.lr * kHighRatio / at.ratio)}};
  if (!rose) return finding("high_learning_rate", "", now.step, std::move(values));
  values.emplace_back("loss_before", fmt::format("{:.4g}", first.loss));
  values.emplace_back("loss", fmt::format("{:.4g}", *now.smoothed_loss));
  return finding("high_learning_rate.risen", "", now.step, std::move(values));
}

std::optional<Finding> low_learning_rate(const HealthCourse& course, const HealthFacts&) {
  if (course.looks < 3 ||
      course.told_any({"vanishing_gradients", "no_gradient", "dying_units", "saturation"}))
    return std::nullopt;
  const HealthEvent &now = course.now, &first = course.second;
  const double largest = course.largest_update.ratio;
  const bool slow = largest < kLowRatio && now.lr > 0 && now.smoothed_loss && first.smoothed_loss;
  if (!slow || *now.smoothed_loss < kNotFallen * *first.smoothed_loss) return std::nullopt;
  const double factor = largest > 0 ? std::min(1e-3 / largest, 1e6) : 100;
  return finding("low_learning_rate", "", now.step,
                 {{"lr", fmt::format("{:.3g}", now.lr)},
                  {"percent", fmt::format("{:.2g}", 100 * largest)},
                  {"loss_before", fmt::format("{:.4g}", *first.smoothed_loss)},
                  {"before", fmt::to_string(first.step)},
                  {"loss", fmt::format("{:.4g}", *now.smoothed_loss)},
                  {"better", fmt::format("{:.1g}", now.lr * factor)}});
}

std::optional<Finding> overfitting(const HealthCourse& course, const HealthFacts&) {
  const EpochEvent &now = course.last, &best = course.best;
  if (course.overfitted < kEpochs || now.train.loss >= best.train.loss || course.told("unrelated_labels"))
    return std::nullopt;
  if (now.val->loss < kApart * now.train.loss) return std::nullopt;
  // Losses of single examples spread about as far as their mean is large.
  const double error = now.val->loss / std::sqrt(static_cast<double>(std::max<std::int64_t>(now.val->n, 1)));
  if (now.val->loss - best.val->loss < kErrors * error) return std::nullopt;
  return finding("overfitting", "", now.step,
                 {{"epoch", fmt::to_string(best.epoch)},
                  {"val_before", fmt::format("{:.4g}", best.val->loss)},
                  {"val", fmt::format("{:.4g}", now.val->loss)},
                  {"train_before", fmt::format("{:.4g}", best.train.loss)},
                  {"train", fmt::format("{:.4g}", now.train.loss)}});
}

std::optional<Finding> unrelated_labels(const HealthCourse& course, const HealthFacts& facts) {
  if (course.looks == 0 || course.epochs == 0 || !facts.chance_loss || *facts.chance_loss <= 0 ||
      course.told_any({"vanishing_gradients", "exploding_gradients", "no_gradient", "dying_units",
                       "saturation", "high_learning_rate", "low_learning_rate", "wrong_loss",
                       "unscaled_inputs"}))
    return std::nullopt;
  const EpochEvent& now = course.last;
  if (now.epoch < kChanceEpochs || now.step < kChanceSteps || course.update.ratio < kMoves)
    return std::nullopt;
  // Of what is not learned by heart, if that is known.
  const double lowest = now.val ? course.best.val->loss : course.best.train.loss;
  if (lowest < (now.val ? kChanceOfVal : kChance) * *facts.chance_loss) return std::nullopt;
  return finding(now.val ? "unrelated_labels.validation" : "unrelated_labels", "", now.step,
                 {{"epochs", fmt::to_string(now.epoch)},
                  {"loss", fmt::format("{:.4g}", lowest)},
                  {"chance", fmt::format("{:.4g}", *facts.chance_loss)}});
}

}  // namespace gradus::train::health
