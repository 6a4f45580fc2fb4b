// A verb that the ranks of a job carry out together.
#pragma once

#include <functional>

#include "app/cli/terminal.h"
#include "gradus/communicator.h"

namespace gradus::cli {

// Runs `work` with the ranks that mpirun started, or with none. A fault of one rank ends them all, with its
// message and exit code; one that all of them have is told of by rank 0.
int with_ranks(const Terminal& terminal, const std::function<int(Communicator*)>& work);

}  // namespace gradus::cli
