// Sums and the largest products over paths, against all paths one by one.
#include "train/path_sums.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/philox.h"

namespace gradus::train {
namespace {

struct Edge {
  std::size_t from, to;
  double factor;
};

void walk(const std::vector<Edge>& edges, std::size_t at, std::size_t last, double product,
          std::vector<double>& products) {
  if (at == last) products.push_back(product);
  for (const Edge& edge : edges)
    if (edge.from == at && edge.factor != 0) walk(edges, edge.to, last, product * edge.factor, products);
}

TEST(PathSums, AgreeWithAllPathsOneByOne) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    constexpr std::size_t kNodes = 9;
    const RandomSequence random(seed, 1, 0);
    std::vector<Edge> edges;
    PathGraph graph(kNodes);
    for (std::size_t from = 0, draw = 0; from < kNodes; ++from) {
      for (std::size_t to = from + 1; to < kNodes; ++to, draw += 2) {
        if (random.uniform(draw) < 0.4) continue;
        edges.push_back({from, to, 2 * random.uniform(draw + 1) - 1});
        graph.edge(from, to, edges.back().factor);
      }
    }
    std::vector<double> products;
    walk(edges, 0, kNodes - 1, 1, products);
    double sum = 0, magnitude = 0;
    for (const double product : products) sum += product, magnitude += std::abs(product);
    std::sort(products.begin(), products.end(), [](double a, double b) { return std::abs(a) > std::abs(b); });

    constexpr std::size_t kShown = 7;
    const PathGraph::Sums found = graph.from(0, kShown);
    EXPECT_NEAR(found.sum, sum, 1e-12);
    EXPECT_NEAR(found.magnitude, magnitude, 1e-12);
    EXPECT_EQ(found.paths, static_cast<double>(products.size()));
    ASSERT_EQ(found.largest.size(), std::min(kShown, products.size()));
    for (std::size_t i = 0; i < found.largest.size(); ++i) {
      const PathGraph::Path& path = found.largest[i];
      EXPECT_NEAR(path.product, products[i], 1e-12) << "seed " << seed << ", path " << i;
      double product = 1;
      for (const double factor : path.factors) product *= factor;
      EXPECT_NEAR(path.product, product, 1e-12);
      ASSERT_EQ(path.nodes.size(), path.factors.size() + 1);
      EXPECT_EQ(path.nodes.front(), 0u);
      EXPECT_EQ(path.nodes.back(), kNodes - 1);
    }
  }
}

TEST(PathSums, FactorsOfZeroAreNoEdges) {
  PathGraph graph(3);
  graph.edge(0, 1, 2);
  graph.edge(1, 2, 0);
  const PathGraph::Sums found = graph.from(0, 5);
  EXPECT_EQ(found.sum, 0);
  EXPECT_EQ(found.paths, 0);
  EXPECT_TRUE(found.largest.empty());
}

// A wide network has more paths than could be listed: 100^20.
TEST(PathSums, DoNotListWhatIsNotAskedFor) {
  constexpr std::size_t kWidth = 100, kDepth = 20;
  PathGraph graph(2 + kWidth * kDepth);
  for (std::size_t i = 0; i < kWidth; ++i) graph.edge(0, 1 + i, 1);
  for (std::size_t layer = 0; layer + 1 < kDepth; ++layer)
    for (std::size_t i = 0; i < kWidth; ++i)
      for (std::size_t j = 0; j < kWidth; ++j)
        graph.edge(1 + layer * kWidth + i, 1 + (layer + 1) * kWidth + j, i == j ? 0.5 : 0.001);
  for (std::size_t i = 0; i < kWidth; ++i) graph.edge(1 + (kDepth - 1) * kWidth + i, 1 + kDepth * kWidth, 1);
  const PathGraph::Sums found = graph.from(0, 3);
  EXPECT_NEAR(found.paths / 1e40, 1, 1e-9);
  EXPECT_NEAR(found.sum, 100 * std::pow(0.5 + 99 * 0.001, 19), 1e-9);
  for (const PathGraph::Path& path : found.largest) EXPECT_NEAR(path.product, std::pow(0.5, 19), 1e-18);
}

}  // namespace
}  // namespace gradus::train
