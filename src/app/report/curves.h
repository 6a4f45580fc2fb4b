// What a run's history looks like: losses, accuracies, learning rates, gradient norms.
#pragma once

#include <optional>
#include <vector>

#include "app/figures/svg.h"
#include "app/report/facts.h"

namespace gradus::report {

// Each is absent where the history has nothing for it.
std::optional<figures::Figure> loss_curves(const train::RunHistory& history);
std::optional<figures::Figure> accuracy_curves(const train::RunHistory& history);
std::optional<figures::Figure> lr_curve(const train::RunHistory& history);
std::optional<figures::Figure> gradient_map(const train::RunHistory& history);

// The epoch of the lowest validation loss, as the run counts it; null without a validation part.
const train::EpochEvent* best_epoch(const train::RunHistory& history);

}  // namespace gradus::report
