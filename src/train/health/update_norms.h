// How much an update moved each parameter.
#pragma once

#include <vector>

#include "gradus/health.h"
#include "train/stepper.h"

namespace gradus::train {

// Fills in norm (before) and update_norm of `parameters`, in the order in which they stand among the
// snapshot's variables, which also hold what the update made of them.
void measure_updates(std::vector<ParameterHealth>& parameters, const Snapshot& before, int threads);

}  // namespace gradus::train
