// The passes in order, each a function Graph -> Graph that keeps every output and state write.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "gradus/op_def.h"

namespace gradus {

struct Pass {
  std::string_view name;
  Graph (*run)(const Graph&);
};

// prune, fold, cse.
const std::vector<Pass>& passes();

// Drops nodes that no output and no state write needs.
Graph prune(const Graph& graph);
// Evaluates nodes whose inputs are all constant (unless the result would be much larger), lets
// elementwise ops read the input of a stretch directly, and drops nodes that give one of their inputs.
Graph fold(const Graph& graph);
// Merges nodes that compute the same thing.
Graph cse(const Graph& graph);
// Puts simpler ops for those that have an expansion.
Graph expand(const Graph& graph);

}  // namespace gradus
