// The training step of a run as text: its graph, and the program it becomes.
#pragma once

#include <string>
#include <vector>

#include "gradus/train.h"

namespace gradus::cli {

// `when`: "start", the graph as it was built, or "after:PASS". Error (Fault::usage) for other words.
std::string graph_text(const train::RunConfig& config, const std::string& when);
// What `when` may be, but for "start".
std::vector<std::string> dump_choices();
std::string program_text(const train::RunConfig& config);

}  // namespace gradus::cli
