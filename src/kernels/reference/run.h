// The reference executor: carries out a graph node by node with the ops' plain loops. It is what the
// compiled executor and every gradient are checked against, so it does nothing clever.
#pragma once

#include <span>
#include <vector>

#include "gradus/op_def.h"

namespace gradus::reference {

// A tensor that stands for a value. Inputs must be fed; any other value may be, and is then taken as
// given instead of computed.
struct Feed {
  Value value;
  Tensor tensor;
};

// Whether a run carries out the graph's assigns once all its nodes are done.
enum class Writes : std::uint8_t { skip, carry_out };

// The tensors of `wanted`, any values of `graph`, in that order. Only what they (and the assigns, if
// carried out) need is computed; intermediates live until their last use. Every read of a variable sees
// it as it was before the run; if a kernel fails, no variable has changed.
// Error (Fault::data): a needed input is not fed, a fed tensor has another type than its value, or a
// kernel refuses its numbers (the message opens with the node).
std::vector<Tensor> run(const Graph& graph, const Values& wanted, std::span<const Feed> feeds,
                        Writes writes = Writes::skip);

// One tensor for each input of `graph`, in the order the inputs were made. Error: another number of tensors.
std::vector<Feed> feed_inputs(const Graph& graph, std::span<const Tensor> tensors);

}  // namespace gradus::reference
