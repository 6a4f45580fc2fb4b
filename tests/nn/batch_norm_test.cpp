// batch_norm: which statistics it uses, and how the running ones move.
#include <gtest/gtest.h>

#include <cmath>

#include "gradus/check.h"
#include "gradus/compile.h"
#include "gradus/grad.h"
#include "nn/support.h"
#include "support/evaluate.h"

namespace gradus::nn {
namespace {

// x [4, 1]: mean 3, biased variance 5, unbiased 20 / 3.
Tensor four() { return Tensor::of<double>({4, 1}, {0, 2, 4, 6}); }

BatchNorm norm(double momentum = 0.1) {
  const BatchNorm layer({.channels = 1, .momentum = momentum, .epsilon = 0.5, .dtype = DType::f64});
  layer.parameters()[0].set(Tensor::of<double>({1}, {3}));
  layer.parameters()[1].set(Tensor::of<double>({1}, {-1}));
  return layer;
}

std::vector<double> stepped(const BatchNorm& layer, const Tensor& x, const Pass& pass = {}) {
  Graph graph;
  const Value in = input(graph, x.type());
  const Value y = layer(in, pass);
  const auto feeds = reference::feed_inputs(graph, std::vector{x});
  return numbers(reference::run(graph, {y}, feeds, reference::Writes::carry_out)[0]);
}

TEST(BatchNorm, NormalizesByTheBatchAndMovesTheRunningStatistics) {
  const BatchNorm layer = norm();
  const std::vector<double> y = stepped(layer, four());
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(y[i], (2.0 * static_cast<double>(i) - 3) / std::sqrt(5.5) * 3 - 1, 1e-12);
  EXPECT_NEAR(layer.running_mean().value().at(0), 0.1 * 3, 1e-12);
  EXPECT_NEAR(layer.running_var().value().at(0), 0.9 + 0.1 * 20 / 3, 1e-12);
  stepped(layer, four());
  EXPECT_NEAR(layer.running_mean().value().at(0), 0.9 * 0.3 + 0.3, 1e-12);
}

TEST(BatchNorm, EvaluationUsesTheRunningStatisticsAndMovesNothing) {
  const BatchNorm layer = norm();
  layer.running_mean().set(Tensor::of<double>({1}, {1}));
  layer.running_var().set(Tensor::of<double>({1}, {3.5}));
  const std::vector<double> y = stepped(layer, four(), {.training = false});
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(y[i], (2.0 * static_cast<double>(i) - 1) / 2 * 3 - 1, 1e-12);
  EXPECT_EQ(layer.running_mean().value().at(0), 1);
  EXPECT_EQ(layer.running_var().value().at(0), 3.5);
}

TEST(BatchNorm, OneValueAChannelHasNoVarianceToMoveBy) {
  const BatchNorm layer = norm();
  EXPECT_EQ(stepped(layer, Tensor::of<double>({1, 1}, {7})), std::vector<double>{-1});
  EXPECT_NEAR(layer.running_mean().value().at(0), 0.7, 1e-12);
  EXPECT_EQ(layer.running_var().value().at(0), 1);
}

TEST(BatchNorm, MomentumZeroKeepsAndOneReplaces) {
  const BatchNorm still = norm(0), quick = norm(1);
  stepped(still, four());
  stepped(quick, four());
  EXPECT_EQ(still.running_mean().value().at(0), 0);
  EXPECT_NEAR(quick.running_mean().value().at(0), 3, 1e-12);
  EXPECT_NEAR(quick.running_var().value().at(0), 20.0 / 3, 1e-12);
}

TEST(BatchNorm, FrozenUsesTheRunningStatisticsInTraining) {
  for (const std::string text : {R"(layers = [{ batch_norm = { freeze = true } }])",
                                 R"(layers = [{ residual = { layers = ["batch_norm"], freeze = true } }])"}) {
    const Network network = test::from(text, {1}, {.dtype = DType::f64});
    Graph graph, evaluated;
    const Value y = network(input(graph, {DType::f64, {4, 1}}));
    const Value z = network(input(evaluated, {DType::f64, {4, 1}}), {.training = false});
    EXPECT_EQ(numbers(evaluate(y, {four()})), numbers(evaluate(z, {four()}))) << text;
    for (const Node& node : graph.nodes()) EXPECT_NE(node.op->name, "assign") << text;
  }
}

TEST(BatchNorm, StatisticsAreVariablesButNoParameters) {
  const Network network = test::from(R"(layers = [{ dense = 3 }, "batch_norm"])", {2});
  EXPECT_EQ(test::described(network.parameters()),
            (std::vector<std::string>{"layers.0.weight f32[3, 2]", "layers.0.bias f32[3]",
                                      "layers.1.weight f32[3]", "layers.1.bias f32[3]"}));
  EXPECT_EQ(network.variables().size(), 6u);
  EXPECT_EQ(network.variables()[4].name(), "layers.1.running_mean");
  EXPECT_EQ(network.variables()[5].role(), Role::statistic);
}

TEST(BatchNorm, ACompiledStepMovesTheStatisticsOnce) {
  const Network network =
      test::from(R"(layers = [{ conv2d = { filters = 2, kernel = 3 } }, "batch_norm"])", {1, 6, 6});
  const Variable mean = network.variables()[4];
  const auto graph = std::make_unique<Graph>();
  const Value x = input(*graph, {DType::f32, {4, 1, 6, 6}});
  const Value y = network(x);
  graph->output(y, "y");
  const Tensor batch = random_tensor(x.type(), 3);
  const auto feeds = reference::feed_inputs(*graph, std::vector{batch});
  reference::run(*graph, {y}, feeds, reference::Writes::carry_out);
  const std::vector<double> expected = numbers(mean.value());
  mean.set(Tensor(DType::f32, {2}));
  Session session(compile(*graph, {.threads = 1}));
  session.feed(0, batch);
  session.run();
  for (std::int64_t i = 0; i < 2; ++i) {
    EXPECT_NE(mean.value().at(i), 0);
    EXPECT_NEAR(mean.value().at(i), expected[static_cast<std::size_t>(i)], 1e-6);
  }
}

// Behind a layer with parameters its gradient reaches the weights through the batch's mean and variance.
TEST(BatchNorm, GradientsBehindParametricLayers) {
  const std::vector<std::pair<std::string, Shape>> networks = {
      {R"(layers = [{ dense = 4 }, "batch_norm", "tanh", { dense = 2 }])", {3}},
      {R"(layers = [{ conv2d = { filters = 3, kernel = 3, padding = "same" } }, "batch_norm", "sigmoid",
                    "global_avg_pool2d", { dense = 2 }])",
       {2, 4, 4}},
      {R"(layers = [{ conv1d = { filters = 3, kernel = 3, padding = "same" } }, "batch_norm", "tanh", "flatten"])",
       {2, 5}}};
  for (const auto& [text, shape] : networks) {
    const Network network = test::from(text, shape, {.dtype = DType::f64});
    for (const Variable& parameter : network.parameters()) {
      Graph graph;
      std::vector<std::int64_t> extents = {5};
      extents.insert(extents.end(), shape.begin(), shape.end());
      const Value x = input(graph, {DType::f64, Shape(extents)});
      const Value loss = mean(square(network(x)));
      const auto check =
          check_gradients(loss, {read(graph, parameter), x}, std::vector{random_tensor(x.type(), 5)});
      EXPECT_TRUE(check.passed()) << text << " " << parameter.name() << ": " << check.summary();
    }
  }
}

}  // namespace
}  // namespace gradus::nn
