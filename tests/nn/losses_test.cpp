// Losses, counts of right predictions, and penalties by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "gradus/grad.h"
#include "gradus/nn.h"
#include "kernels/reference/run.h"
#include "support/expect_error.h"

namespace gradus::nn {
namespace {

struct Losses : testing::Test {
  Graph graph;
  Value doubles(const Shape& shape, std::initializer_list<double> x) {
    return constant(graph, Tensor::of<double>(shape, x));
  }
  Value ints(const Shape& shape, std::initializer_list<std::int64_t> x) {
    return constant(graph, Tensor::of<std::int64_t>(shape, x));
  }
  double run(const Value& value) { return reference::run(graph, {value}, {})[0].at(0); }
  double loss(const std::string& name, const Value& output, const Value& target, const Value& weights = {},
              const LossSettings& settings = {}) {
    const Value value = find_loss(name).build(output, target, weights, settings);
    EXPECT_EQ(value.type(), (Type{output.dtype(), {}}));
    return run(value);
  }
  void expect_correct(const std::string& name, const Value& output, const Value& target, double count,
                      std::int64_t per_example = 1) {
    const Correct correct = find_loss(name).correct(output, target);
    EXPECT_EQ(correct.count.type(), (Type{DType::i64, {}}));
    EXPECT_EQ(run(correct.count), count);
    EXPECT_EQ(correct.per_example, per_example);
  }
};

double softplus(double x) { return std::log1p(std::exp(x)); }

TEST_F(Losses, SoftmaxTakesClassesAndProbabilities) {
  const Value logits = doubles({2, 2}, {1, 3, 0, 0});
  const double first = softplus(2), second = std::log(2);
  EXPECT_NEAR(loss("softmax_cross_entropy", logits, ints({2}, {0, 1})), (first + second) / 2, 1e-14);
  EXPECT_NEAR(loss("softmax_cross_entropy", logits, ints({2, 1}, {0, 1})), (first + second) / 2, 1e-14);
  EXPECT_NEAR(loss("softmax_cross_entropy", logits, doubles({2, 2}, {1, 0, 0, 1})), (first + second) / 2,
              1e-14);
  const Value smaller = constant(graph, Tensor::of<float>({2, 2}, {1, 0, 0, 1}));
  EXPECT_NEAR(loss("softmax_cross_entropy", logits, smaller), (first + second) / 2, 1e-14);
}

TEST_F(Losses, WeightsWeighTheExamples) {
  const Value logits = doubles({2, 2}, {1, 3, 0, 0}), labels = ints({2}, {0, 1});
  const double first = softplus(2), second = std::log(2);
  EXPECT_NEAR(loss("softmax_cross_entropy", logits, labels, doubles({2}, {3, 1})), (3 * first + second) / 4,
              1e-14);
  EXPECT_EQ(loss("softmax_cross_entropy", logits, labels, doubles({2}, {0, 0})), 0);
  EXPECT_NEAR(loss("mse", logits, doubles({2, 2}, {0, 0, 0, 1}), doubles({2}, {3, 1})), (3 * 5 + 0.5) / 4,
              1e-14);
  expect_error(
      [&] {
        loss("mse", logits, logits, doubles({3}, {1, 1, 1}));
      },
      Fault::data, "mse: one weight per example was needed, [2], the weights are f64[3].");
}

TEST_F(Losses, SmoothingMixesInTheOtherClasses) {
  const Value logits = doubles({1, 2}, {1, 3});
  EXPECT_NEAR(loss("softmax_cross_entropy", logits, ints({1}, {0}), {}, {.label_smoothing = 0.2}),
              0.9 * softplus(2) + 0.1 * softplus(-2), 1e-14);
  EXPECT_NEAR(
      loss("sigmoid_cross_entropy", doubles({1, 1}, {3}), ints({1}, {1}), {}, {.label_smoothing = 0.2}),
      0.9 * softplus(-3) + 0.1 * softplus(3), 1e-14);
  expect_error(
      [&] { loss("mse", logits, logits, {}, {.label_smoothing = 0.1}); }, Fault::usage,
      "mse: label smoothing belongs to softmax_cross_entropy and sigmoid_cross_entropy, got 0.1. Leave "
      "it out.");
  expect_error([&] { loss("softmax_cross_entropy", logits, ints({1}, {0}), {}, {.label_smoothing = 1}); },
               Fault::usage, "softmax_cross_entropy: label smoothing must be in [0, 1), got 1.");
}

TEST_F(Losses, SigmoidTakesClassesAndLabels) {
  const double both = (softplus(-3) + softplus(1)) / 2;
  EXPECT_NEAR(loss("sigmoid_cross_entropy", doubles({2, 1}, {3, 1}), ints({2}, {1, 0})), both, 1e-14);
  EXPECT_NEAR(loss("sigmoid_cross_entropy", doubles({1, 2}, {3, 1}), doubles({1, 2}, {1, 0})), both, 1e-14);
  // Classes for two outputs: one-hot.
  EXPECT_NEAR(loss("sigmoid_cross_entropy", doubles({1, 2}, {3, 1}), ints({1}, {0})), both, 1e-14);
}

TEST_F(Losses, RegressionLossesByHand) {
  const Value y = doubles({2, 1}, {1, -3}), target = doubles({2}, {0.5, 0});
  EXPECT_DOUBLE_EQ(loss("mse", y, target), (0.25 + 9) / 2);
  EXPECT_DOUBLE_EQ(loss("mae", y, target), (0.5 + 3) / 2);
  EXPECT_DOUBLE_EQ(loss("huber", y, target), (0.125 + 2.5) / 2);
  EXPECT_DOUBLE_EQ(loss("huber", y, target, {}, {.huber_delta = 2}), (0.125 + 4) / 2);
  EXPECT_DOUBLE_EQ(loss("mse", y, ints({2}, {1, 0})), 4.5);
  EXPECT_DOUBLE_EQ(loss("mae", y, target, doubles({2}, {1, 3})), (0.5 + 9) / 4);
  expect_error(
      [&] {
        loss("mse", y, doubles({3}, {1, 2, 3}));
      },
      Fault::data,
      "mse: the targets f64[3] and the network's output f64[2, 1] must have as many elements. Let the "
      "last layer give one output per target.");
  expect_error([&] { loss("huber", y, target, {}, {.huber_delta = 0}); }, Fault::usage,
               "huber: delta must be greater than 0, got 0.");
}

TEST_F(Losses, MeanIsOverEveryElement) {
  const Value y = doubles({1, 2, 2}, {1, 2, 3, 4}), zero = doubles({1, 2, 2}, {0, 0, 0, 0});
  EXPECT_DOUBLE_EQ(loss("mse", y, zero), 7.5);
  EXPECT_DOUBLE_EQ(loss("mse", y, zero, doubles({1}, {4})), 7.5);
}

TEST_F(Losses, CountsOfRightPredictions) {
  const Value three = doubles({3, 2}, {1, 3, 2, 0, 0, 5});
  expect_correct("softmax_cross_entropy", three, ints({3}, {1, 0, 0}), 2);
  expect_correct("softmax_cross_entropy", three, doubles({3, 2}, {0, 1, 1, 0, 0.1, 0.9}), 3);
  expect_correct("sigmoid_cross_entropy", doubles({3, 1}, {2, -1, 4}), ints({3}, {1, 1, 0}), 1);
  expect_correct("sigmoid_cross_entropy", three, doubles({3, 2}, {1, 1, 1, 1, 1, 1}), 4, 2);
  expect_correct("sigmoid_cross_entropy", three, ints({3}, {1, 0, 0}), 2);
  expect_correct("sigmoid_cross_entropy", doubles({2, 1}, {0, 0}), ints({2}, {0, 1}), 1);
  EXPECT_FALSE(find_loss("mse").correct);
}

TEST_F(Losses, AreKnownByName) {
  std::vector<std::string> names;
  for (const LossDef& def : losses()) {
    names.push_back(def.name);
    EXPECT_EQ(def.classifies, static_cast<bool>(def.correct));
    EXPECT_FALSE(def.doc.empty());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"softmax_cross_entropy", "sigmoid_cross_entropy", "mse", "mae",
                                             "huber"}));
  expect_error([] { find_loss("hubber"); }, Fault::usage,
               "loss 'hubber': there is no such loss. Did you mean 'huber'? Known are softmax_cross_entropy, "
               "sigmoid_cross_entropy, mse, mae, huber.");
}

struct Penalties : Losses {
  Variable w = Variable("w", {DType::f64, {2}}), b = Variable("b", {DType::f64, {1}});
  Penalties() {
    w.set(Tensor::of<double>({2}, {3, -1}));
    b.value().fill(5);
    b.set_decays(false);
  }
};

TEST_F(Penalties, LeaveBiasesOutUnlessAsked) {
  EXPECT_DOUBLE_EQ(run(l2(graph, {w, b}, 0.1)), 0.05 * 10);
  EXPECT_DOUBLE_EQ(run(l2(graph, {w, b}, 0.1, {.decay_all = true})), 0.05 * 35);
  EXPECT_DOUBLE_EQ(run(l1(graph, {w, b}, 0.1)), 0.4);
  EXPECT_EQ(run(l2(graph, {b}, 0.1)), 0);
  EXPECT_EQ(l2(graph, {w, b}, 0.1).type(), (Type{DType::f64, {}}));
}

TEST_F(Penalties, GradientsAreLambdaWAndLambdaSign) {
  const Value g2 = gradients(l2(graph, {w}, 0.1), std::vector<Variable>{w})[0];
  const Value g1 = gradients(l1(graph, {w}, 0.1), std::vector<Variable>{w})[0];
  const auto values = reference::run(graph, {g2, g1}, {});
  EXPECT_DOUBLE_EQ(values[0].at(0), 0.3);
  EXPECT_DOUBLE_EQ(values[0].at(1), -0.1);
  EXPECT_DOUBLE_EQ(values[1].at(0), 0.1);
  EXPECT_DOUBLE_EQ(values[1].at(1), -0.1);
}

TEST_F(Penalties, RefuseNegativeLambda) {
  expect_error([&] { l1(graph, {w}, -1); }, Fault::usage, "l1: lambda must be at least 0, got -1.");
}

}  // namespace
}  // namespace gradus::nn
