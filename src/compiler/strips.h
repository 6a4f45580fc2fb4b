// Stretches of nodes that go through the batch together, a strip of rows at a time, so that what one node
// makes is still in the cache when the next one reads it (strip mining, Allen & Kennedy 2002, chapter 5).
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "gradus/op_def.h"

namespace gradus {

// A node as it works on one strip: alone in a graph of its own, behind its inputs.
struct StripNode {
  std::shared_ptr<const Graph> graph;
  std::vector<bool> in,
      out;  // which are rows; other inputs are whole, other outputs are sums over the strips

  const Node& node() const { return graph->nodes().back(); }
};

// The nodes first to last of a graph, those that do something, for one strip after the other.
struct StripLoop {
  int first = 0, last = 0;
  std::int64_t strips = 1;
  std::map<int, StripNode> nodes;

  bool contains(int node) const { return nodes.count(node) != 0; }
};

// In ascending order. The arrays of a node take about `bytes` in a strip. What is chosen depends on types
// only, so sums do not depend on the number of threads.
std::vector<StripLoop> find_strips(const Graph& graph, std::size_t bytes);

}  // namespace gradus
