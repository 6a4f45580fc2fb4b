// dropout, spatial_dropout, gaussian_noise: what they draw, and when.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "gradus/grad.h"
#include "nn/support.h"
#include "support/evaluate.h"
#include "support/expect_error.h"

namespace gradus::nn {
namespace {

Variable counter(std::int64_t seed, std::int64_t step) {
  Variable variable("counter", {DType::i64, Shape{2}}, Role::control);
  variable.set(Tensor::of<std::int64_t>({2}, {seed, step}));
  return variable;
}

std::vector<double> of_ones(const Layer& layer, const Shape& shape, const Pass& pass) {
  Graph graph;
  return numbers(evaluate(layer(full(graph, {DType::f64, shape}, 1), pass)));
}

TEST(Dropout, KeepsTheMeanAndDropsAtTheRate) {
  const std::vector<double> y = of_ones(Dropout({.rate = 0.25}), {100, 100}, {.counter = counter(3, 0)});
  double zeros = 0;
  for (const double value : y) {
    ASSERT_TRUE(value == 0 || value == 1 / 0.75);
    zeros += value == 0;
  }
  // Five standard deviations of the count of 10^4 draws.
  EXPECT_NEAR(zeros, 2500, 5 * std::sqrt(1e4 * 0.25 * 0.75));
}

TEST(Dropout, IsAFunctionOfSeedStepAndPlace) {
  const Dropout dropout;
  const auto mask = [&](std::int64_t seed, std::int64_t step) {
    return of_ones(dropout, {64}, {.counter = counter(seed, step)});
  };
  EXPECT_EQ(mask(1, 2), mask(1, 2));
  EXPECT_NE(mask(1, 2), mask(1, 3));
  EXPECT_NE(mask(1, 2), mask(2, 2));
  // Another layer of the same graph, and the same layer called again, draw anew.
  Graph graph;
  const Value x = full(graph, {DType::f64, {64}}, 1);
  const Pass pass{.counter = counter(1, 2)};
  std::set<std::vector<double>> masks;
  for (const Value& y : {dropout(x, pass), Dropout()(x, pass), dropout(x, pass)})
    masks.insert(numbers(evaluate(y)));
  EXPECT_EQ(masks.size(), 3u);
}

TEST(Dropout, TheGradientHasTheSameMask) {
  Graph graph;
  const Value x = input(graph, {DType::f64, {40}});
  const Value y = Dropout({.rate = 0.5})(x, {.counter = counter(5, 6)});
  const Value dx = gradients(sum(y), {x})[0];
  const Tensor ones = Tensor::of<double>({40}, std::vector<double>(40, 1));
  EXPECT_EQ(numbers(evaluate(dx, {ones})), numbers(evaluate(y, {ones})));
}

TEST(Dropout, SpatialDropsWholeChannels) {
  const std::vector<double> y =
      of_ones(SpatialDropout({.rate = 0.5}), {8, 8, 3, 3}, {.counter = counter(1, 0)});
  int dropped = 0;
  for (std::size_t channel = 0; channel < 64; ++channel) {
    for (std::size_t i = 1; i < 9; ++i) ASSERT_EQ(y[channel * 9 + i], y[channel * 9]);
    dropped += y[channel * 9] == 0;
  }
  EXPECT_GT(dropped, 10);
  EXPECT_LT(dropped, 54);
}

TEST(GaussianNoise, AddsNormalNumbers) {
  const std::vector<double> y = of_ones(GaussianNoise({.std = 0.5}), {10000}, {.counter = counter(1, 0)});
  double mean = 0, square = 0;
  for (const double value : y) mean += value, square += (value - 1) * (value - 1);
  EXPECT_NEAR(mean / 1e4, 1, 5 * 0.5 / 100);
  EXPECT_NEAR(std::sqrt(square / 1e4), 0.5, 5 * 0.5 / std::sqrt(2e4));
}

TEST(Noise, EvaluationPassesXOn) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {2, 3, 4, 4}});
  const Pass evaluation{.training = false};
  EXPECT_EQ(Dropout()(x, evaluation), x);
  EXPECT_EQ(SpatialDropout()(x, evaluation), x);
  EXPECT_EQ(GaussianNoise()(x, evaluation), x);
  EXPECT_EQ(Dropout({.rate = 0})(x), x);
}

TEST(Noise, LayersInsideLayersKnowTheMode) {
  const Network network = test::from(
      R"(layers = [{ residual = [{ dropout = 0.9 }] }, { parallel = [["relu", { dropout = 0.9 }]] }])", {50});
  Graph graph;
  const Value x = full(graph, {DType::f32, {1, 50}}, 1);
  for (const double value : numbers(evaluate(network(x, {.training = false})))) EXPECT_EQ(value, 2);
  const std::vector<double> y = numbers(evaluate(network(x, {.counter = counter(0, 0)})));
  EXPECT_GT(std::set<double>(y.begin(), y.end()).size(), 1u);
}

TEST(Noise, Refusals) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {5}});
  expect_error([] { Dropout({.rate = 1}); }, Fault::model,
               "dropout: rate must be at least 0 and below 1, got 1.");
  expect_error([] { GaussianNoise({.std = -1}); }, Fault::model,
               "gaussian_noise: std must be at least 0, got -1.");
  expect_error([&] { Dropout()(x); }, Fault::model,
               "dropout: in training it draws random numbers, the pass has no counter. Give Pass.counter, or "
               "training = false.");
  expect_error([&] { SpatialDropout()(x); }, Fault::model,
               "spatial_dropout: x must be [N, C, ...], it is [5].");
  expect_error([] { test::from("layers = [{ dropout = 1 }]", {5}); }, Fault::model,
               "m.toml:1:11: layers.0 (dropout): rate must be at least 0 and below 1, got 1.");
  expect_error([] { test::from("layers = [{ dropout = 1.5 }]", {5}); }, Fault::model,
               "m.toml:1:23: dropout: rate must be at most 1, got 1.5.");
}

}  // namespace
}  // namespace gradus::nn
