// Names that a shell offers where a flag takes more than names.
#pragma once

#include <string>
#include <vector>

namespace gradus::cli {

std::vector<std::string> data_choices();      // "make_moons", ...; "csv:" where a path follows
std::vector<std::string> model_choices();     // the named models
std::vector<std::string> schedule_choices();  // "constant", "one_cycle", ...

}  // namespace gradus::cli
