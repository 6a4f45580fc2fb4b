// What can be found wrong: one function a rule, silent (none) on a healthy run.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "train/circumstances.h"
#include "train/health/course.h"

namespace gradus::train {

// Looks at the newest look or epoch, and at those before it.
using HealthRule = std::optional<Finding> (*)(const HealthCourse& course, const HealthFacts& facts);

namespace health {

// Gradients: from a network's last layers back to its first.
std::optional<Finding> vanishing_gradients(const HealthCourse& course, const HealthFacts& facts);
std::optional<Finding> exploding_gradients(const HealthCourse& course, const HealthFacts& facts);
std::optional<Finding> no_gradient(const HealthCourse& course, const HealthFacts& facts);
// Units that no longer answer.
std::optional<Finding> dying_units(const HealthCourse& course, const HealthFacts& facts);
std::optional<Finding> saturation(const HealthCourse& course, const HealthFacts& facts);
// How the loss falls.
std::optional<Finding> high_learning_rate(const HealthCourse& course, const HealthFacts& facts);
std::optional<Finding> low_learning_rate(const HealthCourse& course, const HealthFacts& facts);
std::optional<Finding> overfitting(const HealthCourse& course, const HealthFacts& facts);
std::optional<Finding> unrelated_labels(const HealthCourse& course, const HealthFacts& facts);

}  // namespace health

// Those to ask after a look and after an epoch, causes before effects: what one has told may keep later ones
// silent. While they find nothing, those of epochs take no memory.
std::span<const HealthRule> rules_of_looks();
std::span<const HealthRule> rules_of_epochs();

// Before the first step.
namespace health {

std::optional<Finding> wrong_loss(const Prepared& run);
std::optional<Finding> unreachable_parameters(const Prepared& run);
std::optional<Finding> unscaled_inputs(const Prepared& run);
std::optional<Finding> missing_classes(const Prepared& run);

}  // namespace health

std::vector<Finding> check_before_training(const Prepared& run);

// Of a run that ended in a NaN or an infinity.
Finding not_finite(const Divergence& divergence);

}  // namespace gradus::train
