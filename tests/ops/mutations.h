// Faults to plant in gradient rules: what a person writing one might get wrong.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gradus/op_def.h"

namespace gradus {

// What a planted fault changed in the rule's own graph; filled when the rule runs.
struct Trace {
  // Of the last run: each value the true rule emitted, and its counterpart with the fault in it, in the order
  // of emission.
  std::vector<std::pair<Value, Value>> pairs;
  int replaced = -1;  // node of the true rule's that was replaced
};

struct Mutant {
  std::string fault;  // "gradient of input 1: sign flipped", "mul#0: only input 1 kept"
  GradientRule rule;
  std::shared_ptr<Trace> trace;  // empty for faults at the rule's results
};

// Every fault for the rule of `op` as it runs on a node like `node`, one at a time:
// - a result with its sign flipped, dropped, or doubled, or swapped with the next of the same type;
// - in the graph the rule emits: an elementwise node replaced by one of its operands (a term lost, a factor
//   lost, a minus or a function forgotten), a number changed, a comparison turned around, a sum that takes
//   the first element only, a flag of a contraction (a transpose) flipped, axes of a transpose left in order,
//   padding on the other side.
std::vector<Mutant> mutants_of(const OpDef& op, const Node& node, const Values& y, const Values& dy);

}  // namespace gradus
