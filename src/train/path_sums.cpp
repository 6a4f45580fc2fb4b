#include "train/path_sums.h"

#include <algorithm>
#include <cmath>
#include <queue>

#include "base/check.h"

namespace gradus::train {

namespace {

// What can follow a node.
struct Suffix {
  double sum = 0, magnitude = 0, paths = 0, largest = 0;
};

// The beginning of a path: its last edge, and the beginning before that.
struct Beginning {
  std::size_t node, before;
  double factor, product;
};
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

}  // namespace

void PathGraph::edge(std::size_t from, std::size_t to, double factor) {
  GRADUS_CHECK(from < to && to < out_.size());
  if (factor != 0) out_[from].push_back({to, factor});
}

PathGraph::Sums PathGraph::from(std::size_t start, std::size_t count) const {
  const std::size_t last = out_.size() - 1;
  std::vector<Suffix> after(out_.size());
  after[last] = {1, 1, 1, 1};
  for (std::size_t node = last; node-- > start;) {
    Suffix& s = after[node];
    for (const auto& [to, factor] : out_[node]) {
      s.sum += factor * after[to].sum;
      s.magnitude += std::abs(factor) * after[to].magnitude;
      s.paths += after[to].paths;
      s.largest = std::max(s.largest, std::abs(factor) * after[to].largest);
    }
  }
  Sums sums{after[start].sum, after[start].magnitude, after[start].paths, {}};

  std::vector<Beginning> made = {{start, kNone, 1, 1}};
  using Entry = std::pair<double, std::size_t>;  // the largest magnitude it can lead to, place in `made`
  std::priority_queue<Entry> open;
  open.emplace(after[start].largest, 0);
  while (!open.empty() && sums.largest.size() < count) {
    const auto [bound, place] = open.top();
    open.pop();
    if (bound == 0) break;
    const Beginning reached = made[place];
    if (reached.node == last) {
      Path path{.nodes = {}, .factors = {}, .product = reached.product};
      for (std::size_t at = place; at != kNone; at = made[at].before) {
        path.nodes.push_back(made[at].node);
        if (made[at].before != kNone) path.factors.push_back(made[at].factor);
      }
      std::reverse(path.nodes.begin(), path.nodes.end());
      std::reverse(path.factors.begin(), path.factors.end());
      sums.largest.push_back(std::move(path));
      continue;
    }
    for (const auto& [to, factor] : out_[reached.node]) {
      const double product = reached.product * factor;
      if (after[to].largest == 0) continue;
      open.emplace(std::abs(product) * after[to].largest, made.size());
      made.push_back({to, place, factor, product});
    }
  }
  return sums;
}

}  // namespace gradus::train
