// Limits on the norm of weights, and their moving averages, by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "gradus/optim.h"
#include "support/evaluate.h"
#include "support/expect_error.h"

namespace gradus::optim {
namespace {

Tensor matrix(std::initializer_list<double> values) { return Tensor::of<double>({2, 2}, values); }

void carry_out(const Graph& graph, int times = 1) {
  for (int i = 0; i < times; ++i) reference::run(graph, {}, {}, reference::Writes::carry_out);
}

TEST(LimitUnits, ScalesLongUnitsDown) {
  Graph graph;
  const Value w = constant(graph, Tensor::of<double>({3, 2}, {3, 4, 0.3, 0.4, 0, 0}));
  const std::vector<double> limited = numbers(evaluate(limit_units(w, 1)));
  EXPECT_NEAR(limited[0], 3.0 / 5, 1e-15);
  EXPECT_NEAR(limited[1], 4.0 / 5, 1e-15);
  EXPECT_EQ((std::vector<double>(limited.begin() + 2, limited.end())), (std::vector<double>{0.3, 0.4, 0, 0}));
}

TEST(LimitUnits, TakesAFilterAsOne) {
  Graph graph;
  const Value w = constant(graph, random_tensor({DType::f64, {4, 3, 2, 2}}, 1));
  const std::vector<double> limited = numbers(evaluate(limit_units(w, 0.5)));
  for (std::size_t filter = 0; filter < 4; ++filter) {
    double squares = 0;
    for (std::size_t i = 0; i < 12; ++i) squares += limited[filter * 12 + i] * limited[filter * 12 + i];
    EXPECT_NEAR(std::sqrt(squares), 0.5, 1e-12);
  }
}

TEST(LimitUnits, RefusesOtherWeightsAndLimits) {
  Graph graph;
  const Value bias = constant(graph, Tensor::of<double>({2}, {3, 4})),
              w = constant(graph, matrix({1, 2, 3, 4}));
  expect_error([&] { limit_units(bias, 1); }, Fault::model,
               "limit_units: a weight of at least two axes was needed, got f64[2].");
  expect_error([&] { limit_units(w, 0); }, Fault::usage,
               "limit_units: the limit must be greater than 0, got 0.");
  expect_error([&] { limit_units(w, 1, 2); }, Fault::model, "limit_units: f64[2, 2] has no axis 2.");
}

TEST(LimitUnits, GoesAlongTheUnitAxis) {
  const Variable w("w", {DType::f64, {2, 2}});
  w.set(matrix({3, 0.3, 4, 0.4}));
  w.set_unit_axis(1);
  Graph graph;
  Sgd({w}, {.lr = 1}).apply({constant(graph, Tensor(w.type()))}, {.max_norm = 1});
  carry_out(graph);
  const std::vector<double> got = numbers(w.value()), expected = {0.6, 0.3, 0.8, 0.4};
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-15);
}

TEST(MaxNorm, HoldsAfterTheUpdateForWeightsOnly) {
  const Variable w("w", {DType::f64, {2, 2}}), norm("norm", {DType::f64, {2, 2}}), b("b", {DType::f64, {2}});
  w.set(matrix({3, 4, 0, 0}));
  norm.set(matrix({3, 4, 0, 0}));
  norm.set_decays(false);
  b.value().fill(5);
  Graph graph;
  Sgd sgd({w, norm, b}, {.lr = 1});
  sgd.apply({constant(graph, matrix({-3, -4, 0, -2})), constant(graph, Tensor(norm.type())),
             constant(graph, Tensor(b.type()))},
            {.max_norm = 2});
  carry_out(graph);
  const std::vector<double> got = numbers(w.value());  // rows (6, 8) and (0, 2)
  EXPECT_NEAR(got[0], 1.2, 1e-15);
  EXPECT_NEAR(got[1], 1.6, 1e-15);
  EXPECT_EQ(got[3], 2);
  EXPECT_EQ(numbers(norm.value()), (std::vector<double>{3, 4, 0, 0}));
  EXPECT_EQ(numbers(b.value()), (std::vector<double>{5, 5}));
  expect_error([&] { sgd.apply({}, {.max_norm = -1}); }, Fault::usage,
               "optimizer 'sgd': max_norm must be a number of at least 0, got -1.");
}

// v = 1, 2, 3, ... after each update; the average follows it with d = min(decay, (1 + t) / (10 + t)).
TEST(MovingAverage, FollowsWhatTheStepLeaves) {
  const Variable v("v", {DType::f64, {1}}), frozen("frozen", {DType::f64, {1}});
  frozen.set_trainable(false);
  const MovingAverage average({v, frozen}, 0.25);
  ASSERT_EQ(average.state().size(), 2u);
  EXPECT_EQ(average.state()[0].name(), "ema.step");
  EXPECT_EQ(average.state()[1].name(), "ema/v");
  Graph graph;
  assign(v, read(graph, v) + 1.0);
  average.apply(graph);
  double expected = 0;
  for (int t = 1; t <= 5; ++t) {
    carry_out(graph);
    const double d = std::min(0.25, (1.0 + t) / (10.0 + t));
    expected = d * expected + (1 - d) * t;
    EXPECT_NEAR(average.state()[1].value().at(0), expected, 1e-14) << t;
  }
  average.exchange();
  EXPECT_NEAR(v.value().at(0), expected, 1e-14);
  EXPECT_EQ(average.state()[1].value().at(0), 5);
  average.exchange();
  EXPECT_EQ(v.value().at(0), 5);
}

TEST(MovingAverage, StartsFromTheVariablesAndReadsWhatIsNotWritten) {
  const Variable w("w", {DType::f32, {1}});
  w.value().fill(3);
  const MovingAverage average({w}, 0.9);
  w.value().fill(14);
  Graph graph;
  average.apply(graph);
  carry_out(graph);
  EXPECT_FLOAT_EQ(static_cast<float>(average.state()[1].value().at(0)), 3 + (14 - 3) * (1 - 2.0F / 11));
  expect_error([&] { MovingAverage({w}, 1); }, Fault::usage,
               "moving average: decay must be in [0, 1), got 1.");
}

}  // namespace
}  // namespace gradus::optim
