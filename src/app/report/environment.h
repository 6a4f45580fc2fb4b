// The machine and the build.
#pragma once

#include <string>

namespace gradus::report {

std::string version();           // of Gradus
std::string compiler();          // "g++ 12.2.0"
std::string processor();         // the model's name, "unknown" where the system does not tell
std::string operating_system();  // "Linux 6.1.0 x86_64"
double memory_bytes();           // of the machine

}  // namespace gradus::report
