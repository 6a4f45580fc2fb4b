#include "train/health/rules.h"

#include <fmt/format.h>

namespace gradus::train {

std::span<const HealthRule> rules_of_looks() {
  using namespace health;
  static constexpr HealthRule kRules[] = {no_gradient, vanishing_gradients, exploding_gradients, dying_units,
                                          saturation,  high_learning_rate,  low_learning_rate};
  return kRules;
}

std::span<const HealthRule> rules_of_epochs() {
  using namespace health;
  static constexpr HealthRule kRules[] = {unrelated_labels, overfitting};
  return kRules;
}

std::vector<Finding> check_before_training(const Prepared& run) {
  using namespace health;
  std::vector<Finding> found;
  for (const auto check : {wrong_loss, unreachable_parameters, unscaled_inputs, missing_classes})
    if (std::optional<Finding> finding = check(run)) found.push_back(*std::move(finding));
  return found;
}

Finding not_finite(const Divergence& divergence) {
  return {.rule = "not_finite",
          .place = "",
          .step = divergence.step,
          .evidence = fmt::format("not all numbers stayed finite: step {}: {}", divergence.step + 1,
                                  divergence.cause),
          .remedy = "take a smaller --lr, or cut gradients off with --clip-norm 1"};
}

}  // namespace gradus::train
