// Which rank keeps the optimizer's state of which parameters (ZeRO, stage 1: Rajbhandari et al. 2020, "ZeRO:
// Memory Optimizations Toward Training Trillion Parameter Models").
#pragma once

#include <string>
#include <vector>

#include "gradus/communicator.h"
#include "gradus/train.h"

namespace gradus::train {

struct Update;

// A rank's place among those that share the state; by default one has all of it.
struct Share {
  int rank = 0, ranks = 1;
};
Share share_of(const RunConfig& config, const Communicator* ranks);

// The rank of each parameter: ranges of about as many bytes, in order; rank 0 has the first one.
std::vector<int> owners(const std::vector<Variable>& parameters, int ranks);

// Gives all ranks the parameters as their owners have them.
void share_parameters(const std::vector<Variable>& parameters, const std::vector<int>& owner,
                      Communicator& ranks);

// The optimizer's whole state, in the order one process has it in. All ranks call it after the same step.
std::vector<Variable> gather_state(const Prepared& run, const Update& own, Communicator& ranks);

}  // namespace gradus::train
