// What ranks agree on before they take a step together.
#pragma once

#include <functional>
#include <optional>

#include "gradus/communicator.h"
#include "gradus/train.h"

namespace gradus::train {

// The ranks of a run, or none where there is one only.
Communicator* several(Communicator* ranks);
// Whether this process tells and writes.
bool leads(const Communicator* ranks);

// Threads a rank computes with where the settings leave it open: those it is bound to, or its share of the
// machine's.
std::int64_t threads_of_rank(const Communicator& ranks);

// Runs `work` on every rank. Where some fail, all throw the first one's fault; it names the rank, unless all
// said the same.
void together(Communicator* ranks, const std::function<void()>& work);

// Refuses settings that these ranks cannot share a run with (Fault::usage).
void require_shareable(const Communicator* ranks, const Prepared& run);
// Refuses ranks that differ: in data (Fault::data), in version, settings, initial weights or in the step they
// go on from (Fault::model).
void require_alike(Communicator* ranks, const Prepared& run, std::int64_t step);

}  // namespace gradus::train
