// Profiles of training steps, as they are shown.
#pragma once

#include "gradus/bench.h"

namespace gradus::train {

StepProfile summary(const Program& program, const Profile& profile, std::int64_t batch, double step_ms);

}  // namespace gradus::train
