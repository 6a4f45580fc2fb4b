// Sums and largest products over the paths of a weighted graph without cycles.
#pragma once

#include <cstddef>
#include <vector>

namespace gradus::train {

// Nodes are numbered so that every edge leads to a later one; the last node is where paths end.
class PathGraph {
 public:
  explicit PathGraph(std::size_t nodes) : out_(nodes) {}
  void edge(std::size_t from, std::size_t to, double factor);  // factor 0: no edge

  struct Path {
    std::vector<std::size_t> nodes;  // from the start to the last node
    std::vector<double> factors;     // one for each edge
    double product = 1;
  };
  struct Sums {
    double sum = 0, magnitude = 0;  // of the products of all paths, and of their magnitudes
    double paths = 0;               // how many
    std::vector<Path> largest;      // in the order of their magnitudes
  };
  // All paths from `start`: sums by one pass from the end (each node's is the sum over its edges of factor
  // times that of the node behind), and the `count` largest by best-first search (A*, Hart, Nilsson & Raphael
  // 1968) with the largest magnitude that can still follow as its bound, which is exact: no path is missed.
  Sums from(std::size_t start, std::size_t count) const;

 private:
  struct Edge {
    std::size_t to;
    double factor;
  };
  std::vector<std::vector<Edge>> out_;
};

}  // namespace gradus::train
