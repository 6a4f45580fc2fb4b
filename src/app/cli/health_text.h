// The health of a run, as text and as JSON.
#pragma once

#include <string>

#include "train/health/record.h"

namespace gradus::cli {

// What was found, and tables of layers and parameters from the first look to the last.
std::string health_text(const train::HealthRecord& record, bool unicode);
std::string health_json(const train::HealthRecord& record);

}  // namespace gradus::cli
