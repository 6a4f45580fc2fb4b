// The conventions at kinks and edges, where no difference can check a gradient.
#include <gtest/gtest.h>

#include <functional>

#include "gradus/grad.h"
#include "gradus/ops.h"
#include "support/evaluate.h"

namespace gradus {
namespace {

using Row = std::vector<double>;

// The gradients of the sum of f at `at`, one row of numbers for each argument.
std::vector<Row> slopes(const std::function<Value(const Values&)>& f, const std::vector<Row>& at) {
  Graph graph;
  Values xs;
  std::vector<Tensor> tensors;
  for (const Row& row : at) {
    tensors.push_back(Tensor::of<double>({static_cast<std::int64_t>(row.size())}, std::span(row)));
    xs.push_back(input(graph, tensors.back().type()));
  }
  std::vector<Row> rows;
  for (const Value& g : gradients(sum(f(xs)), xs)) rows.push_back(numbers(evaluate(g, tensors)));
  return rows;
}

TEST(Kinks, ReluAndAbsHaveSlope0At0) {
  EXPECT_EQ(slopes([](const Values& x) { return relu(x[0]); }, {{-1, 0, 1}})[0], (Row{0, 0, 1}));
  EXPECT_EQ(slopes([](const Values& x) { return abs(x[0]); }, {{-1, 0, 1}})[0], (Row{-1, 0, 1}));
}

TEST(Kinks, TiesShareTheGradientOfMaximumAndMinimum) {
  const auto larger = slopes([](const Values& x) { return maximum(x[0], x[1]); }, {{1, 2, 3}, {3, 2, 1}});
  EXPECT_EQ(larger[0], (Row{0, 0.5, 1}));
  EXPECT_EQ(larger[1], (Row{1, 0.5, 0}));
  const auto smaller = slopes([](const Values& x) { return minimum(x[0], x[1]); }, {{1, 2, 3}, {3, 2, 1}});
  EXPECT_EQ(smaller[0], (Row{1, 0.5, 0}));
  EXPECT_EQ(smaller[1], (Row{0, 0.5, 1}));
}

TEST(Kinks, MaxPassesItsGradientToTheFirstWinner) {
  EXPECT_EQ(slopes([](const Values& x) { return max(x[0]); }, {{1, 3, 3, 2}})[0], (Row{0, 1, 0, 0}));
}

TEST(Kinks, ClipPassesTheGradientAtItsBounds) {
  const ClipOptions unit = {.low = -1, .high = 1};
  EXPECT_EQ(slopes([&](const Values& x) { return clip(x[0], unit); }, {{-2, -1, 0, 1, 2}})[0],
            (Row{0, 1, 1, 1, 0}));
}

// 0^b: slopes stay finite where the power is.
TEST(Kinks, PowAt0) {
  const auto at = slopes([](const Values& x) { return pow(x[0], x[1]); }, {{0, 0, 0}, {0, 1, 2}});
  EXPECT_EQ(at[0], (Row{0, 1, 0}));
  EXPECT_EQ(at[1], (Row{0, 0, 0}));
}

}  // namespace
}  // namespace gradus
