// Profiles as tables.
#pragma once

#include <string>

#include "gradus/bench.h"

namespace gradus::cli {

std::string step_time(double ms);  // "3.41 us", "164 ms"

// By kernel, and the dearest instructions.
std::string profile_text(const std::string& title, const train::StepProfile& profile);

}  // namespace gradus::cli
