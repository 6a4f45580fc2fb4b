// Layers: values, shapes, names, scopes, initialization.
#include <gtest/gtest.h>

#include <cmath>

#include "gradus/nn.h"
#include "gradus/op_def.h"
#include "kernels/reference/run.h"
#include "support/expect_error.h"

namespace gradus::nn {
namespace {

std::vector<std::string> names(const std::vector<Variable>& variables) {
  std::vector<std::string> list;
  for (const Variable& variable : variables) list.push_back(variable.name());
  return list;
}

using Names = std::vector<std::string>;

std::vector<double> elements(const Tensor& tensor) {
  std::vector<double> list;
  for (std::int64_t i = 0; i < tensor.size(); ++i) list.push_back(tensor.at(i));
  return list;
}

std::vector<double> applied(const Layer& layer, std::initializer_list<double> x) {
  Graph graph;
  const Value in = constant(graph, Tensor::of<double>({1, static_cast<std::int64_t>(x.size())}, x));
  return elements(reference::run(graph, {layer(in)}, {})[0]);
}

// The largest magnitude of a weight, for telling uniform initializers apart.
double largest(const Variable& weight) {
  double result = 0;
  for (const double x : elements(weight.value())) result = std::max(result, std::abs(x));
  return result;
}

TEST(Dense, ComputesXTimesWTransposedPlusBias) {
  const Dense dense({.in = 3, .out = 2, .dtype = DType::f64});
  dense.weight().set(Tensor::of<double>({2, 3}, {1, 2, 3, 4, 5, 6}));
  dense.bias().set(Tensor::of<double>({2}, {10, 20}));
  EXPECT_EQ(applied(dense, {1, 0, -1}), (std::vector<double>{8, 18}));
}

TEST(Dense, HasAWeightAndABiasThatDoesNotDecay) {
  const Dense dense({.in = 3, .out = 2});
  EXPECT_EQ(names(dense.parameters()), (Names{"weight", "bias"}));
  EXPECT_EQ(dense.weight().type(), (Type{DType::f32, {2, 3}}));
  EXPECT_EQ(dense.bias().type(), (Type{DType::f32, {2}}));
  EXPECT_TRUE(dense.weight().decays());
  EXPECT_FALSE(dense.bias().decays());
  EXPECT_EQ(largest(dense.bias()), 0);
  EXPECT_EQ(names(Dense({.in = 3, .out = 2, .bias = false}).parameters()), Names{"weight"});
}

TEST(Dense, WorksOnTheLastAxis) {
  Graph graph;
  const Dense dense({.in = 3, .out = 2});
  EXPECT_EQ(dense(input(graph, {DType::f32, {4, 5, 3}})).shape(), (Shape{4, 5, 2}));
  EXPECT_EQ(dense(input(graph, {DType::f32, {3}})).shape(), (Shape{2}));
}

TEST(Dense, Refusals) {
  Graph graph;
  const Sequential net(Flatten(), Dense({.in = 3, .out = 2}));
  expect_error(
      [&] {
        net(input(graph, {DType::f32, {5, 4}}));
      },
      Fault::model,
      "layers.1 (dense): x must have 3 features along its last axis, it is [5, 4] (weight [2, 3]).");
  expect_error(
      [&] {
        net(input(graph, {DType::f64, {5, 3}}));
      },
      Fault::model,
      "layers.1 (dense): x is f64[5, 3], the weight is f32[2, 3]. cast() x, or make the layer of x's "
      "dtype.");
  EXPECT_EQ(graph.scope(), "");
  expect_error([] { Dense({.in = 0, .out = 2}); }, Fault::model,
               "dense: in and out must be at least 1, got in 0 and out 2.");
  expect_error([] { Dense({.in = 1 << 20, .out = 1 << 20}); }, Fault::model,
               "dense: a weight [1048576, 1048576] is too large; 2^31 elements are the limit.");
  expect_error([] { Dense({.in = 2, .out = 2, .dtype = DType::i64}); }, Fault::model,
               "dense: dtype must be f32 or f64, got i64.");
  expect_error([&] { net(Value()); }, Fault::model,
               "layers (sequential): its input is empty. Call it on a Value of a graph.");
}

TEST(Activations, AreTheOpsOfTheirName) {
  const double x = -0.5;
  const std::vector<std::pair<LayerPtr, double>> cases = {
      {std::make_shared<Sigmoid>(), 1 / (1 + std::exp(0.5))},
      {std::make_shared<Tanh>(), std::tanh(x)},
      {std::make_shared<Relu>(), 0},
      {std::make_shared<LeakyRelu>(), -0.005},
      {std::make_shared<LeakyRelu>(LeakyReluOptions{.slope = 0.2}), -0.1},
      {std::make_shared<Elu>(EluOptions{.alpha = 2}), 2 * (std::exp(x) - 1)},
      {std::make_shared<Selu>(), 1.0507009873554805 * 1.6732632423543772 * (std::exp(x) - 1)},
      {std::make_shared<Gelu>(), x * 0.5 * std::erfc(0.5 / std::sqrt(2))},
      {std::make_shared<Silu>(), x / (1 + std::exp(0.5))},
      {std::make_shared<Softplus>(SoftplusOptions{.beta = 2}), std::log1p(std::exp(-1)) / 2},
      {std::make_shared<Identity>(), x},
  };
  for (const auto& [layer, y] : cases) {
    EXPECT_NEAR(applied(*layer, {x})[0], y, 1e-14) << layer->kind();
    EXPECT_TRUE(layer->variables().empty());
  }
  const auto p = applied(Softmax(), {1, 2});
  EXPECT_NEAR(p[0], 1 / (1 + std::exp(1)), 1e-15);
  EXPECT_NEAR(p[0] + p[1], 1, 1e-15);
}

TEST(Shapes, FlattenAndReshape) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {2, 3, 4}});
  EXPECT_EQ(Flatten()(x).shape(), (Shape{2, 12}));
  EXPECT_EQ(Reshape({4, 3})(x).shape(), (Shape{2, 4, 3}));
  EXPECT_EQ(Reshape({2, -1})(x).shape(), (Shape{2, 2, 6}));
  EXPECT_EQ(Reshape({-1, 1})(input(graph, {DType::f32, {0, 5}})).shape(), (Shape{0, 5, 1}));
  expect_error(
      [&] {
        Reshape({5, -1})(x);
      },
      Fault::model, "reshape: the 12 elements of an example [3, 4] do not divide by 5 for the extent -1.");
  expect_error([&] { Reshape({5})(x); }, Fault::model,
               "reshape in reshape: x [2, 3, 4] has 24 elements, [2, 5] would have 10.");
  expect_error([] { Reshape({-1, -1}); }, Fault::model, "reshape: only one extent can be -1.");
  expect_error([] { Reshape({-2}); }, Fault::model,
               "reshape: extents are at least 0, or -1 for what is left, got -2.");
}

TEST(Sequential, NamesVariablesByPathAndCountsEveryEntry) {
  const Sequential net(Flatten(), Dense({.in = 4, .out = 3}), Relu(),
                       Dense({.in = 3, .out = 2, .bias = false}));
  EXPECT_EQ(names(net.parameters()), (Names{"layers.1.weight", "layers.1.bias", "layers.3.weight"}));
  EXPECT_EQ(names(net.variables()), names(net.parameters()));
  EXPECT_EQ(net.children()[1]->title(), "layers.1 (dense)");
}

TEST(Sequential, NestedOnesAddANumber) {
  const Sequential inner(Relu(), Dense({.in = 3, .out = 3}));
  const Sequential net(Dense({.in = 4, .out = 3}), inner, Sequential(Relu()));
  EXPECT_EQ(names(net.parameters()),
            (Names{"layers.0.weight", "layers.0.bias", "layers.1.1.weight", "layers.1.1.bias"}));
}

TEST(Sequential, NodesCarryTheLayersPathAndKind) {
  Graph graph;
  const Sequential net(Dense({.in = 4, .out = 3}), Sequential(Relu(), Dense({.in = 3, .out = 2})));
  const Value y = net(input(graph, {DType::f32, {5, 4}}));
  EXPECT_EQ(y.node().scope, "layers.1.1 (dense)");
  EXPECT_EQ(y.shape(), (Shape{5, 2}));
  EXPECT_EQ(graph.scope(), "");
  const Dense alone({.in = 2, .out = 1});
  EXPECT_EQ(alone(y).node().scope, "dense");
}

TEST(Sequential, WithoutLayersPassesOn) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {5, 4}});
  EXPECT_EQ(Sequential()(x), x);
}

TEST(Sequential, RefusesSharedVariables) {
  const Dense dense({.in = 2, .out = 2});
  expect_error(
      [&] { Sequential(dense, Relu(), dense); }, Fault::model,
      "sequential: entry 2 (dense) shares its variables with an earlier entry. Make a layer of its own "
      "for each.");
}

TEST(Initialization, IsAFunctionOfTheSeedAndTheParametersNumber) {
  const Sequential a(Dense({.in = 40, .out = 30}), Relu(), Dense({.in = 30, .out = 30}));
  const Sequential b(Dense({.in = 40, .out = 30}), Relu(), Dense({.in = 30, .out = 30}));
  const auto same = [&] {
    for (std::size_t i = 0; i < a.parameters().size(); ++i)
      if (!a.parameters()[i].value().same_bits(b.parameters()[i].value())) return false;
    return true;
  };
  EXPECT_TRUE(same());
  b.initialize(1);
  EXPECT_FALSE(same());
  b.initialize(0);
  EXPECT_TRUE(same());
  // Parameter 2 is the second weight: biases are counted.
  const Tensor expected(DType::f32, {30, 30});
  Initializer::glorot_uniform().fill(expected, 0, 2);
  EXPECT_TRUE(a.parameters()[2].value().same_bits(expected));
}

TEST(Initialization, DefaultIsHeBeforeRectifiersAndGlorotElsewhere) {
  const Sequential net(Dense({.in = 40, .out = 200}), Relu(), Dense({.in = 200, .out = 40}), Tanh(),
                       Dense({.in = 40, .out = 200, .init = Initializer::constant(3)}), Relu(),
                       Dense({.in = 200, .out = 40}));
  const double he = std::sqrt(6.0 / 40), glorot = std::sqrt(6.0 / 240);
  EXPECT_NEAR(largest(net.parameters()[0]), he, 0.01 * he);
  EXPECT_NEAR(largest(net.parameters()[2]), glorot, 0.01 * glorot);
  EXPECT_EQ(largest(net.parameters()[4]), 3);
  EXPECT_NEAR(largest(net.parameters()[6]), glorot, 0.01 * glorot);
  EXPECT_NEAR(largest(Dense({.in = 40, .out = 200}).weight()), glorot, 0.01 * glorot);
}

TEST(Initialization, BiasesAndSeedsCanBeChosen) {
  const Dense biased({.in = 2, .out = 3, .bias_init = Initializer::constant(0.5)});
  EXPECT_EQ(elements(biased.bias().value()), (std::vector<double>{0.5, 0.5, 0.5}));
  const Dense a({.in = 2, .out = 3, .seed = 7}), b({.in = 2, .out = 3}),
      none({.in = 2, .out = 3, .seed = {}});
  EXPECT_FALSE(a.weight().value().same_bits(b.weight().value()));
  EXPECT_EQ(largest(none.weight()), 0);
  none.initialize(7);
  EXPECT_TRUE(a.weight().value().same_bits(none.weight().value()));
}

TEST(Pass, WatchSeesEveryLayerInnerOnesFirst) {
  Graph graph;
  const Sequential net(Dense({.in = 4, .out = 3}), Sequential(Relu()), Identity());
  std::vector<std::string> seen;
  net(input(graph, {DType::f32, {5, 4}}), {.watch = [&](const Layer& layer, const Value& y) {
        seen.push_back(layer.title() + " " + y.shape().str());
      }});
  EXPECT_EQ(seen,
            (Names{"layers.0 (dense) [5, 3]", "layers.1.0 (relu) [5, 3]", "layers.1 (sequential) [5, 3]",
                   "layers.2 (identity) [5, 3]", "layers (sequential) [5, 3]"}));
}

}  // namespace
}  // namespace gradus::nn
