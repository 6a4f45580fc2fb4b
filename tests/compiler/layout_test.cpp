// The layout pass: where transposes stand, and that numbers stay.
#include "compiler/layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "compiler/pass.h"
#include "gradus/grad.h"
#include "gradus/ops.h"
#include "graph/print.h"
#include "kernels/reference/run.h"

namespace gradus {
namespace {

constexpr AxisMover kMover = {transpose, reshape};

std::vector<std::string> ops_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes()) names.push_back(node.op->name);
  return names;
}
using Names = std::vector<std::string>;

std::int64_t count(const Graph& graph, const std::string& op) {
  const Names names = ops_of(graph);
  return std::count(names.begin(), names.end(), op);
}

Tensor numbers(const Shape& shape) {
  Tensor t(DType::f64, shape);
  for (std::int64_t i = 0; i < t.size(); ++i) t.set(i, std::sin(0.7 * static_cast<double>(i) + 0.3));
  return t;
}

// Both graphs, run by the plain kernels on the same inputs.
void expect_same_numbers(const Graph& a, const Graph& b) {
  std::vector<Tensor> inputs;
  for (const Value& value : a.inputs()) inputs.push_back(numbers(value.shape()));
  const auto results = [&](const Graph& graph) {
    Values wanted;
    for (const auto& [name, value] : graph.outputs()) wanted.push_back(value);
    return reference::run(graph, wanted, reference::feed_inputs(graph, inputs));
  };
  const std::vector<Tensor> before = results(a), after = results(b);
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t k = 0; k < before.size(); ++k) {
    ASSERT_EQ(before[k].type(), after[k].type());
    for (std::int64_t i = 0; i < before[k].size(); ++i) {
      ASSERT_NEAR(before[k].at(i), after[k].at(i), 1e-12 * (1 + std::abs(before[k].at(i))))
          << "output " << k << ", element " << i;
    }
  }
}

Value image(Graph& graph, const Shape& shape, const char* name = "x") {
  return input(graph, {DType::f64, shape}, name);
}

TEST(Layout, TransposesWhereARegionBeginsAndEnds) {
  Graph graph;
  const Value x = image(graph, {2, 3, 8, 8}), bias = image(graph, {4, 1, 1}, "bias");
  const Value w = image(graph, {4, 3, 3, 3}, "w"), v = image(graph, {5, 4, 3, 3}, "v");
  const Value h = max_pool2d(relu(conv2d(x, w) + bias));
  graph.output(flatten(conv2d(h, v)), "y");
  const Graph moved = prune(layout(graph, kMover));
  EXPECT_EQ(ops_of(moved), (Names{"input", "input", "input", "input", "transpose", "conv2d", "reshape",
                                  "reshape", "add", "relu", "max_pool2d", "conv2d", "reshape", "reshape"}));
  expect_same_numbers(graph, moved);
}

TEST(Layout, OneChannelIsTheSameInBothOrders) {
  Graph graph;
  graph.output(conv2d(image(graph, {2, 1, 5, 5}), image(graph, {4, 1, 3, 3}, "w")), "y");
  const Graph moved = layout(graph, kMover);
  EXPECT_EQ(ops_of(moved), (Names{"input", "input", "reshape", "conv2d", "transpose"}));
  expect_same_numbers(graph, moved);
}

TEST(Layout, LeavesOtherGraphsAlone) {
  Graph graph;
  const Value x = image(graph, {2, 3, 4, 5});
  graph.output(exp(x) + transpose(x, {0, 1, 2, 3}), "y");
  EXPECT_EQ(ops_of(layout(graph, kMover)), ops_of(graph));
}

TEST(Layout, AStretchIsMadeAnewNotTransposed) {
  Graph graph;
  const Value x = image(graph, {2, 3, 4, 4}), w = image(graph, {3, 3, 1, 1}, "w");
  const Value small = image(graph, {2, 3, 1, 1}, "small");
  graph.output(conv2d(broadcast_to(small, {2, 3, 4, 4}), w) + x, "y");
  const Graph moved = prune(layout(graph, kMover));
  EXPECT_EQ(count(moved, "transpose"), 2);  // of x and of the result
  expect_same_numbers(graph, moved);
}

// An op that reads more images in the old order than in the new one stays.
TEST(Layout, StaysWhereMostOperandsAreNotMoved) {
  Graph graph;
  const Value x = image(graph, {2, 3, 4, 4}), w = image(graph, {3, 3, 1, 1}, "w");
  const Value other = image(graph, {2, 3, 4, 4}, "a"), third = image(graph, {2, 3, 4, 4}, "b");
  graph.output(select(greater(other, third), conv2d(x, w), other), "y");
  const Graph moved = prune(layout(graph, kMover));
  EXPECT_EQ(count(moved, "transpose"), 2);
  expect_same_numbers(graph, moved);
}

TEST(Layout, RegionsReachThroughGradients) {
  Graph graph;
  const Value x = image(graph, {2, 3, 8, 8}), w = image(graph, {4, 3, 3, 3}, "w");
  const Value scale = image(graph, {4}, "scale"), shift = image(graph, {4}, "shift");
  const Value v = image(graph, {6, 4, 1, 1}, "v"), out = image(graph, {6, 2}, "out");
  const BatchNorm normal =
      batch_norm(conv2d(x, w, {.pad_before = {1, 1}, .pad_after = {1, 1}}), scale, shift);
  const Value h = relu(conv2d(max_pool2d(relu(normal.y)), v));
  const Value joined = concat({h, h * h}, {.axis = 1});
  const Value y = matmul(slice(global_avg_pool2d(joined), {.begin = {0, 3}, .end = {2, 9}}), out);
  graph.output(normal.mean, "mean");
  const Value loss = sum(y * y);
  graph.output(loss, "loss");
  for (const Value& dx : gradients(loss, Values{w, scale, shift, v, out})) graph.output(dx, "gradient");
  const Graph moved = prune(cse(layout(prune(fold(graph)), kMover)));
  EXPECT_EQ(count(moved, "transpose"), 1) << print(moved);  // of x
  expect_same_numbers(graph, moved);
}

}  // namespace
}  // namespace gradus
