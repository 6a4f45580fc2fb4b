// The optimizers by name, with the defaults of the command line.
#include <gtest/gtest.h>

#include "gradus/optim.h"
#include "kernels/reference/run.h"
#include "support/expect_error.h"

namespace gradus::optim {
namespace {

const Variable kWeight("w", {DType::f32, {2, 2}});

TEST(ByName, DefaultsAreTheCommandLines) {
  struct Expected {
    std::string name;
    double lr, momentum, weight_decay;
  };
  const std::vector<Expected> expected = {{"sgd", 0.01, 0, 0},     {"nesterov", 0.01, 0.9, 0},
                                          {"rmsprop", 1e-3, 0, 0}, {"adagrad", 0.01, 0, 0},
                                          {"adam", 1e-3, 0, 0},    {"adamw", 1e-3, 0, 0}};
  ASSERT_EQ(optimizers().size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const OptimizerInfo& info = optimizers()[i];
    EXPECT_EQ(info.name, expected[i].name);
    EXPECT_EQ(info.lr, expected[i].lr) << info.name;
    EXPECT_EQ(info.momentum, expected[i].momentum) << info.name;
    EXPECT_EQ(info.weight_decay, expected[i].weight_decay) << info.name;
    EXPECT_FALSE(info.description.empty());
    EXPECT_EQ(make_optimizer(info.name, {kWeight})->lr().value().at(0), info.lr);
  }
}

// By name adamw decays nothing unless told to; the class has PyTorch's default.
TEST(ByName, AdamwDecaysWhenToldTo) {
  const auto moved = [](const NamedOptions& options) {
    const Variable w("w", {DType::f64, {1, 1}});
    w.value().fill(2);
    const auto adamw = make_optimizer("adamw", {w}, options);
    Graph graph;
    adamw->apply({constant(graph, Tensor(w.type()))});
    reference::run(graph, {}, {}, reference::Writes::carry_out);
    return w.value().at(0);
  };
  EXPECT_EQ(moved({.lr = 0.1}), 2);
  EXPECT_DOUBLE_EQ(moved({.lr = 0.1, .weight_decay = 0.01}), 2 * (1 - 0.1 * 0.01));
  EXPECT_EQ(AdamWOptions().weight_decay, 0.01);
}

TEST(ByName, MomentumReachesSgdAndNesterov) {
  EXPECT_EQ(make_optimizer("sgd", {kWeight})->state().size(), 0u);
  EXPECT_EQ(make_optimizer("sgd", {kWeight}, {.momentum = 0.5})->state().size(), 1u);
  EXPECT_EQ(make_optimizer("nesterov", {kWeight})->state().size(), 1u);
  EXPECT_EQ(make_optimizer("nesterov", {kWeight}, {.momentum = 0.0})->state().size(), 0u);
  EXPECT_EQ(make_optimizer("adam", {kWeight}, {.lr = 0.0})->lr().value().at(0), 0);
}

TEST(ByName, RefusesWhatDoesNotBelong) {
  expect_error([] { make_optimizer("adm", {kWeight}); }, Fault::usage,
               "optimizer 'adm': there is no such optimizer. Did you mean 'adam'? Known are sgd, nesterov, "
               "rmsprop, adagrad, adam, adamw.");
  expect_error([] { make_optimizer("rmsprop", {kWeight}, {.momentum = 0.9}); }, Fault::usage,
               "optimizer 'rmsprop': momentum belongs to sgd and nesterov. Leave it out.");
  expect_error([] { make_optimizer("adam", {kWeight}, {.lr = -0.5}); }, Fault::usage,
               "optimizer 'adam': lr must be a number of at least 0, got -0.5.");
}

}  // namespace
}  // namespace gradus::optim
