// Whole trainings on small data.
#include <gtest/gtest.h>

#include <cmath>

#include "gradus/io.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

RunConfig moons() {
  RunConfig c = config_of({{"data", "make_moons:n_samples=200,noise=0.1,test=0.25"},
                           {"epochs", "40"},
                           {"batch_size", "32"},
                           {"lr", "0.02"},
                           {"seed", "3"},
                           {"threads", "1"}});
  c.layers = small_mlp();
  return c;
}

TEST(Train, LearnsTheMoons) {
  const TrainResult result = train(moons());
  ASSERT_TRUE(result.train && result.test);
  EXPECT_FALSE(result.val);
  EXPECT_GT(*result.train->accuracy, 0.95);
  EXPECT_GT(*result.test->accuracy, 0.9);
  EXPECT_LT(result.train->loss, 0.2);
  EXPECT_EQ(result.train->n, 150);
  EXPECT_EQ(result.test->n, 50);
  EXPECT_EQ(result.steps, 40 * 5);
  EXPECT_EQ(result.parameters, 2 * 16 + 16 + 16 * 2 + 2);
  EXPECT_EQ(result.ranks, 1);
  EXPECT_FALSE(result.resumed_from_step || result.best_epoch);
}

TEST(Train, TheSameRunGivesTheSameBytes) {
  for (const char* threads : {"1", "2"}) {
    const TemporaryFolder folder;
    for (const char* name : {"a", "b"}) {
      RunConfig c = moons();
      set_from_text(c, "epochs", "5");
      set_from_text(c, "threads", threads);
      set_from_text(c, "out", (folder / name).string());
      train(c);
    }
    for (const char* file : {"model.safetensors", "model.toml", "run.toml"}) {
      const std::string a = read_text(folder / "a" / file);
      EXPECT_FALSE(a.empty()) << file;
      EXPECT_EQ(a, read_text(folder / "b" / file)) << file << " with " << threads << " threads";
    }
  }
}

TEST(Train, AnotherSeedGivesOtherWeights) {
  const TemporaryFolder folder;
  for (const char* seed : {"1", "2"}) {
    RunConfig c = moons();
    set_from_text(c, "epochs", "1");
    set_from_text(c, "seed", seed);
    set_from_text(c, "out", (folder / seed).string());
    train(c);
  }
  EXPECT_NE(read_text(folder / "1" / "model.safetensors"), read_text(folder / "2" / "model.safetensors"));
}

TEST(Train, ALearningRateOf0ChangesNothing) {
  RunConfig c = moons();
  set_from_text(c, "lr", "0");
  const TrainResult result = train(c);
  const Prepared fresh = prepare(c);
  set_from_text(c, "epochs", "1");
  EXPECT_EQ(result.train->loss, train(c).train->loss);
}

TEST(Train, RunsInDoublePrecision) {
  RunConfig c = moons();
  set_from_text(c, "precision", "f64");
  EXPECT_GT(*train(c).train->accuracy, 0.95);
}

TEST(Train, EveryOptimizerLowersTheLoss) {
  for (const optim::OptimizerInfo& info : optim::optimizers()) {
    RunConfig c = moons();
    c.optimizer = info.name;
    c.lr.reset();
    set_from_text(c, "epochs", "20");
    set_from_text(c, "clip_norm", "5");
    EXPECT_LT(train(c).train->loss, std::log(2.0)) << info.name;
  }
}

TEST(Train, KeepsTheBestWeightsAndStopsEarly) {
  const TemporaryFolder folder;
  RunConfig c = moons();
  set_from_text(c, "val_split", "0.2");
  set_from_text(c, "lr", "0.5");  // restless: the validation loss goes up and down
  set_from_text(c, "epochs", "500");
  set_from_text(c, "patience", "3");
  set_from_text(c, "out", (folder / "run").string());
  std::vector<EpochEvent> epochs;
  Events events;
  events.epoch = [&](const EpochEvent& e) { epochs.push_back(e); };
  const TrainResult result = train(c, events);
  EXPECT_TRUE(result.stopped_early);
  ASSERT_TRUE(result.best_epoch && result.val);
  EXPECT_EQ(static_cast<std::int64_t>(epochs.size()), *result.best_epoch + 3);
  double best = epochs[0].val->loss;
  for (const EpochEvent& e : epochs) best = std::min(best, e.val->loss);
  EXPECT_DOUBLE_EQ(result.val->loss, best);
  EXPECT_DOUBLE_EQ(epochs[static_cast<std::size_t>(*result.best_epoch) - 1].val->loss, best);
  // The saved model is the best one, too.
  const EvalResult saved = evaluate(folder / "run", {.part = Part::val});
  EXPECT_NEAR(saved.scores.loss, best, 1e-6);
}

TEST(Train, StepsNeverStopEarlyButKeepTheBestWeights) {
  RunConfig c = moons();
  c.epochs.reset();
  c.given.erase("epochs");
  set_from_text(c, "steps", "123");
  set_from_text(c, "val_split", "0.2");
  set_from_text(c, "lr", "0.5");
  set_from_text(c, "patience", "1");
  double best = 1e9;
  Events events;
  events.epoch = [&](const EpochEvent& e) { best = std::min(best, e.val->loss); };
  const TrainResult result = train(c, events);
  EXPECT_EQ(result.steps, 123);
  EXPECT_FALSE(result.stopped_early);
  EXPECT_DOUBLE_EQ(result.val->loss, best);
}

TEST(Train, TellsWhatItDoes) {
  RunConfig c = moons();
  set_from_text(c, "epochs", "2");
  std::vector<StepEvent> steps;
  std::vector<EpochEvent> epochs;
  StartEvent start;
  int finished = 0;
  Events events;
  events.step_interval_ms = 0;
  events.start = [&](const StartEvent& e) { start = e; };
  events.step = [&](const StepEvent& e) { steps.push_back(e); };
  events.epoch = [&](const EpochEvent& e) { epochs.push_back(e); };
  events.finish = [&](const TrainResult&) { ++finished; };
  train(c, events);
  EXPECT_EQ(start.layers.size(), 3u);
  EXPECT_EQ(start.steps_per_epoch, 5);
  EXPECT_EQ(start.total_steps, 10);
  EXPECT_EQ(start.batch_size, 32);
  // Forward and weight gradients of both layers, the input's gradient of the second.
  EXPECT_EQ(start.flops_per_step, 2 * 32 * (2 * 2 * 16 + 3 * 16 * 2));
  EXPECT_GT(start.memory_bytes, 0u);
  ASSERT_EQ(steps.size(), 10u);
  double average = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    average = 0.98 * average + 0.02 * steps[i].loss;
    EXPECT_NEAR(steps[i].smoothed_loss, average / (1 - std::pow(0.98, i + 1.0)), 1e-12);
    EXPECT_EQ(steps[i].step, static_cast<std::int64_t>(i) + 1);
  }
  ASSERT_EQ(epochs.size(), 2u);
  // Batches of 32, 32, 32, 32 and 22.
  double loss = 0;
  for (std::size_t i = 0; i < 5; ++i) loss += steps[i].loss * (i < 4 ? 32 : 22);
  EXPECT_NEAR(epochs[0].train.loss, loss / 150, 1e-9);
  EXPECT_EQ(finished, 1);
}

TEST(Train, ADryRunWritesNothing) {
  const TemporaryFolder folder;
  RunConfig c = moons();
  set_from_text(c, "out", (folder / "run").string());
  set_from_text(c, "dry_run", "true");
  bool started = false;
  Events events;
  events.start = [&](const StartEvent&) { started = true; };
  EXPECT_TRUE(train(c, events).dry_run);
  EXPECT_TRUE(started);
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));
}

TEST(Train, StartsFromGivenWeights) {
  const TemporaryFolder folder;
  RunConfig c = moons();
  set_from_text(c, "out", (folder / "run").string());
  const double reached = train(c).train->loss;
  RunConfig next = moons();
  set_from_text(next, "init_from", (folder / "run" / "model.safetensors").string());
  set_from_text(next, "lr", "0");
  set_from_text(next, "epochs", "1");
  EXPECT_DOUBLE_EQ(train(next).train->loss, reached);
}

TEST(Train, BalancedClassesWeighRareOnesMore) {
  // 180 of 200 examples belong to class 0.
  RunConfig c = config_of({{"data", "make_blobs:n_samples=180|20,centers=2,cluster_std=6,seed=5"},
                           {"model", "linear"},
                           {"epochs", "60"},
                           {"lr", "0.05"},
                           {"threads", "1"}});
  RunConfig balanced = c;
  set_from_text(balanced, "class_weight", "balanced");
  const TemporaryFolder folder;
  set_from_text(c, "out", (folder / "plain").string());
  set_from_text(balanced, "out", (folder / "balanced").string());
  train(c);
  train(balanced);
  const auto rare_found = [&](const char* name) { return evaluate(folder / name).confusion[1][1]; };
  EXPECT_GT(rare_found("balanced"), rare_found("plain"));
}

TEST(Train, L2IsTheGradientOfHalfTheSquares) {
  // With plain gradient descent, weight decay and L2 are the same.
  RunConfig l2 = moons(), decay = moons();
  for (RunConfig* c : {&l2, &decay}) {
    set_from_text(*c, "optimizer", "sgd");
    set_from_text(*c, "precision", "f64");
  }
  set_from_text(l2, "l2", "0.1");
  set_from_text(decay, "weight_decay", "0.1");
  EXPECT_NEAR(train(l2).train->loss, train(decay).train->loss, 1e-12);
}

}  // namespace
}  // namespace gradus::train
