// The machine and the build.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gradus {

struct Machine {
  std::string processor;   // the model's name, "unknown" where the system does not tell
  std::int64_t cores = 0;  // as many as this process may use
  std::int64_t memory_bytes = 0;
  std::string system;  // "Linux 6.1.0 x86_64"
};
Machine this_machine();

std::string_view version();  // of Gradus
std::string compiler();      // "g++ 12.2.0"

}  // namespace gradus
