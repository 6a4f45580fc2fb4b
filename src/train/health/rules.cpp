#include "train/health/rules.h"

#include <fmt/format.h>

#include "train/health/wording.h"

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
  FindingValues values = {{"step", fmt::to_string(divergence.step + 1)}};
  if (!divergence.node.empty()) {
    values.emplace_back("node", divergence.node);
    return finding("not_finite.node", "", divergence.step, std::move(values));
  }
  if (divergence.variable.empty()) return finding("not_finite.loss", "", divergence.step, std::move(values));
  values.emplace_back("variable", divergence.variable);
  return finding("not_finite.variable", "", divergence.step, std::move(values));
}

}  // namespace gradus::train
