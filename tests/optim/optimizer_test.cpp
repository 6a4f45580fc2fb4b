// One step of each optimizer by hand; frozen parameters, learning-rate scales, groups, state, refusals.
#include <gtest/gtest.h>

#include <cmath>

#include "gradus/op_def.h"
#include "gradus/optim.h"
#include "kernels/reference/run.h"
#include "support/expect_error.h"

namespace gradus::optim {
namespace {

Variable parameter(const std::string& name, double value, DType dtype = DType::f64) {
  const Variable variable(name, {dtype, {1}});
  variable.value().fill(value);
  return variable;
}

// Applies `optimizer` with these gradients, `steps` times.
void step(Optimizer& optimizer, const std::vector<double>& g, int steps = 1) {
  Graph graph;
  Values gradients;
  for (std::size_t i = 0; i < g.size(); ++i)
    gradients.push_back(constant(graph, Tensor::of<double>({1}, {g[i]})));
  optimizer.apply(gradients);
  for (int i = 0; i < steps; ++i) reference::run(graph, {}, {}, reference::Writes::carry_out);
}

TEST(Sgd, OneStepByHand) {
  const Variable w = parameter("w", 2);
  Sgd sgd({w}, {.lr = 0.1});
  step(sgd, {3});
  EXPECT_DOUBLE_EQ(w.value().at(0), 2 - 0.1 * 3);
}

TEST(Sgd, MomentumStepsByHand) {
  const Variable w = parameter("w", 2);
  Sgd sgd({w}, {.lr = 0.1, .momentum = 0.5});
  step(sgd, {3}, 2);
  EXPECT_DOUBLE_EQ(w.value().at(0), 2 - 0.1 * 3 - 0.1 * (0.5 * 3 + 3));
  EXPECT_EQ(sgd.state()[0].name(), "sgd.momentum/w");
  EXPECT_DOUBLE_EQ(sgd.state()[0].value().at(0), 4.5);
}

TEST(Sgd, NesterovStepsByHand) {
  const Variable w = parameter("w", 2);
  Sgd sgd({w}, {.lr = 0.1, .momentum = 0.5, .nesterov = true});
  step(sgd, {3}, 2);
  EXPECT_DOUBLE_EQ(w.value().at(0), 2 - 0.1 * (3 + 0.5 * 3) - 0.1 * (3 + 0.5 * 4.5));
}

TEST(Sgd, TakesThreeNodesAParameter) {
  const Variable w = parameter("w", 2);
  Sgd sgd({w}, {.lr = 0.1});
  Graph graph;
  const Values g = {constant(graph, Tensor::of<double>({1}, {1}))};
  const std::size_t before = graph.nodes().size();
  sgd.apply(g);
  // Two reads, and mul, sub, assign.
  EXPECT_EQ(graph.nodes().size() - before, 5u);
}

TEST(RmsProp, OneStepByHand) {
  const Variable w = parameter("w", 2);
  RmsProp optimizer({w}, {.lr = 0.1, .alpha = 0.9, .eps = 0.01});
  step(optimizer, {3});
  EXPECT_DOUBLE_EQ(w.value().at(0), 2 - 0.1 * 3 / (std::sqrt((1 - 0.9) * 9) + 0.01));
}

TEST(Adagrad, StepsByHand) {
  const Variable w = parameter("w", 2);
  Adagrad optimizer({w}, {.lr = 0.1, .lr_decay = 0.5, .initial_accumulator = 1});
  step(optimizer, {3}, 2);
  EXPECT_NEAR(w.value().at(0), 2 - 0.1 * 3 / std::sqrt(10) - 0.1 / 1.5 * 3 / std::sqrt(19), 1e-9);
}

TEST(Adam, TheFirstStepHasTheSizeOfTheRate) {
  const Variable w = parameter("w", 2);
  Adam adam({w}, {.lr = 0.1});
  step(adam, {3});
  EXPECT_NEAR(w.value().at(0), 1.9, 1e-8);
  std::vector<std::string> names;
  for (const Variable& variable : adam.state()) {
    names.push_back(variable.name());
    EXPECT_EQ(variable.role(), Role::optimizer);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"adam.step", "adam.m/w", "adam.v/w"}));
  EXPECT_EQ(adam.state()[0].value().at(0), 1);
  EXPECT_NEAR(adam.state()[1].value().at(0), 0.3, 1e-15);
  EXPECT_NEAR(adam.state()[2].value().at(0), 0.009, 1e-15);
}

TEST(AdamW, DecayIsApartFromTheGradient) {
  const Variable w = parameter("w", 2);
  AdamW adamw({w}, {.lr = 0.1, .weight_decay = 0.5});
  step(adamw, {3});
  EXPECT_NEAR(w.value().at(0), 2 * (1 - 0.1 * 0.5) - 0.1, 1e-8);
}

TEST(Optimizer, DecayLeavesBiasesOutUnlessAsked) {
  for (const bool decay_all : {false, true}) {
    const Variable w = parameter("w", 2), b = parameter("b", 2);
    b.set_decays(false);
    Sgd sgd({w, b}, {.lr = 0.1, .weight_decay = 0.5, .decay_all = decay_all});
    step(sgd, {3, 3});
    EXPECT_DOUBLE_EQ(w.value().at(0), 2 - 0.1 * (3 + 0.5 * 2));
    EXPECT_DOUBLE_EQ(b.value().at(0), decay_all ? 1.6 : 1.7);
  }
}

TEST(Optimizer, FrozenParametersStayAndHaveNoState) {
  const Variable w = parameter("w", 2), frozen = parameter("frozen", 5);
  frozen.set_trainable(false);
  Adam adam({frozen, w}, {.lr = 0.1});
  EXPECT_EQ(adam.state().size(), 3u);
  step(adam, {1, 3});
  EXPECT_EQ(frozen.value().at(0), 5);
  EXPECT_NE(w.value().at(0), 2);
  // Thawed later, it gets its state with the next graph.
  frozen.set_trainable(true);
  step(adam, {1, 3});
  EXPECT_NE(frozen.value().at(0), 5);
  EXPECT_EQ(adam.state().size(), 5u);
  EXPECT_EQ(adam.state()[3].name(), "adam.m/frozen");
}

TEST(Optimizer, ScalesMultiplyTheRate) {
  const Variable a = parameter("a", 0), b = parameter("b", 0), c = parameter("c", 0);
  b.set_lr_scale(3);
  Sgd sgd({{.parameters = {a, b}}, {.parameters = {c}, .lr_scale = 5}}, {.lr = 0.1});
  step(sgd, {1, 1, 1});
  EXPECT_DOUBLE_EQ(a.value().at(0), -0.1);
  EXPECT_DOUBLE_EQ(b.value().at(0), -0.3);
  EXPECT_DOUBLE_EQ(c.value().at(0), -0.5);
}

TEST(Optimizer, GroupsHaveTheirOwnDecay) {
  const Variable a = parameter("a", 2), b = parameter("b", 2);
  Sgd sgd({{.parameters = {a}}, {.parameters = {b}, .weight_decay = 0.0}}, {.lr = 0.1, .weight_decay = 0.5});
  step(sgd, {0, 0});
  EXPECT_DOUBLE_EQ(a.value().at(0), 1.9);
  EXPECT_DOUBLE_EQ(b.value().at(0), 2);
}

TEST(Optimizer, TheRateIsReadAtEveryStep) {
  const Variable w = parameter("w", 0);
  Sgd sgd({w}, {.lr = 0.1});
  EXPECT_EQ(sgd.lr().type(), (Type{DType::f64, {}}));
  EXPECT_EQ(sgd.lr().role(), Role::control);
  sgd.lr().value().fill(2);
  step(sgd, {1});
  EXPECT_DOUBLE_EQ(w.value().at(0), -2);
}

TEST(Optimizer, StateIsSharedByAllGraphs) {
  const Variable w = parameter("w", 2);
  Adam adam({w}, {.lr = 0.1});
  step(adam, {3});
  step(adam, {3});
  EXPECT_EQ(adam.state().size(), 3u);
  EXPECT_EQ(adam.state()[0].value().at(0), 2);
}

TEST(Optimizer, UpdatesCarryItsNameAsScope) {
  const Variable w = parameter("w", 2, DType::f32);
  AdamW adamw({w});
  Graph graph;
  const Value g = constant(graph, Tensor::of<float>({1}, {1}));
  adamw.apply({g});
  EXPECT_EQ(graph.nodes().back().scope, "adamw");
  EXPECT_EQ(graph.nodes().back().op->name, "assign");
  EXPECT_EQ(graph.scope(), "");
  EXPECT_EQ(adamw.state()[1].type(), w.type());
}

TEST(Optimizer, RefusesWrongGradients) {
  const Variable w = parameter("w", 2);
  Sgd sgd({w}, {.lr = 0.1});
  Graph graph;
  const Value g = constant(graph, Tensor::of<double>({2}, {1, 2}));
  expect_error(
      [&] {
        sgd.apply({g, g});
      },
      Fault::model,
      "optimizer 'sgd': one gradient per parameter was needed, 1, got 2. Give gradients(loss, "
      "parameters()).");
  expect_error([&] { sgd.apply({g}); }, Fault::model,
               "optimizer 'sgd': gradient 0 must be f64[1] for parameter 'w', it is f64[2].");
}

TEST(Optimizer, RefusesNumbersOutOfRange) {
  const Variable w = parameter("w", 2);
  expect_error([&] { Sgd({w}, {.lr = -1}); }, Fault::usage,
               "optimizer 'sgd': lr must be a number of at least 0, got -1.");
  expect_error([&] { Sgd({w}, {.momentum = std::nan("")}); }, Fault::usage,
               "optimizer 'sgd': momentum must be a number of at least 0, got nan.");
  expect_error([&] { Adam({w}, {.beta2 = 1}); }, Fault::usage,
               "optimizer 'adam': beta2 must be in [0, 1), got 1.");
  expect_error([&] { AdamW({w}, {.weight_decay = -0.1}); }, Fault::usage,
               "optimizer 'adamw': weight_decay must be a number of at least 0, got -0.1.");
  expect_error(
      [&] {
        Sgd({w, w});
      },
      Fault::model, "optimizer 'sgd': parameter 'w' is given twice. Leave it in one group.");
}

}  // namespace
}  // namespace gradus::optim
