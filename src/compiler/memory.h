// The memory plan: which buffer each value lives in, and when a buffer can be used again.
#pragma once

#include <vector>

#include "compiler/program.h"
#include "compiler/strips.h"

namespace gradus {

// A state write that could not be done in place: copied when the step ends.
struct PendingWrite {
  int node;      // the write
  int from;      // slot
  int variable;  // slot
};

struct MemoryPlan {
  std::vector<Slot> slots;
  std::vector<std::vector<int>> slot_of;  // [node][output] -> slot; -1 for values nobody needs
  std::vector<char> runs;                 // [node]: 1 if the node needs an instruction
  std::vector<PendingWrite> pending;      // in an order that never overwrites what a later one reads
  // Copies (from slot, to slot) to carry out before any pending write: outputs and writes that show a
  // variable as it was before the step.
  std::vector<std::pair<int, int>> saved;
  std::vector<Tensor> constants;
  std::vector<Variable> variables;
  std::vector<int> inputs;
  std::vector<std::pair<std::string, int>> outputs;
  std::size_t arena_bytes = 0;
  std::size_t unplanned_bytes = 0;
};

struct MemoryOptions {
  bool reuse = true;     // buffers by lifetime
  bool in_place = true;  // elementwise results and state writes
};

// What the nodes of a strip loop make for each other takes the room of one strip. Views share their input's
// buffer; an elementwise result takes over the buffer of an input that dies
// there; a state write whose value nobody else needs is computed straight into the variable, when no
// later instruction reads the variable. Buffers that live at different times share addresses (greedy by
// size, first fit, as in Pisarchyk & Lee 2020, "Efficient memory management for deep neural net inference").
MemoryPlan plan_memory(const Graph& graph, const MemoryOptions& options,
                       const std::vector<StripLoop>& loops = {});

}  // namespace gradus
