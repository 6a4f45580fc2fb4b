// The health of a run, as text and as JSON.
#pragma once

#include <string>

#include "train/health/record.h"

namespace gradus::cli {

// What was found, and tables of layers and parameters from the first look to the last.
std::string health_text(const train::HealthRecord& record, bool unicode);
std::string health_json(const train::HealthRecord& record);

// The course of a number as a line of blocks, at most `columns`, on a logarithmic scale where it spans more
// than a factor of 10; "" without unicode. Missing and non-finite numbers are blanks.
std::string sparkline(const std::vector<double>& values, std::size_t columns, bool unicode);

}  // namespace gradus::cli
