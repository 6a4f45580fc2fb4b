// What is worth a remark before a run starts.
#pragma once

#include <string>
#include <vector>

#include "gradus/train.h"

namespace gradus::train {

// Settings that have no effect or an unexpected one, and what is odd about the data, a line each.
std::vector<std::string> notes_for(const Prepared& run);

}  // namespace gradus::train
