// A training step of a regression takes no memory after the first ones: every `operator new` of this program
// is counted. (With classes, counting hits still runs reference kernels, which allocate.)
#include <gtest/gtest.h>

#include "support/allocations.h"
#include "train/prepare.h"
#include "train/runs.h"
#include "train/trainer.h"

namespace gradus::train {
namespace {

Prepared prepared(const char* data) {
  RunConfig c = config_of({{"data", data}, {"epochs", "1000"}, {"batch_size", "32"}, {"threads", "1"}});
  c.layers = small_mlp("relu", 1);
  return prepare(c);
}

TEST(Allocations, TheCounterCounts) {
  const std::int64_t before = allocations;
  const auto memory = std::make_unique<int>(3);
  EXPECT_EQ(allocations - before, 1);
}

TEST(Allocations, ASessionTakesNone) {
  const Prepared run = prepared("make_regression:n_samples=64,n_features=5,n_informative=2");
  const StepGraph step = training_step(run, 32);
  Session session(compile(step.graph, {.threads = 1}));
  session.input(0).fill(0.5);
  session.run();
  const std::int64_t before = allocations;
  for (int i = 0; i < 10; ++i) session.run();
  EXPECT_EQ(allocations - before, 0);
}

TEST(Allocations, ATrainersStepTakesNone) {
  // 3 full batches and a short one; steps 10 to 107 see epochs change and the state for finding faults kept.
  const Prepared run = prepared("make_regression:n_samples=100,n_features=5,n_informative=2");
  std::int64_t told = 0;
  Events events;
  events.step_interval_ms = 0;
  events.step = [&](const StepEvent&) { ++told; };
  Trainer trainer(run, events, nullptr);
  for (int i = 0; i < 10; ++i) trainer.step();
  const std::int64_t before = allocations;
  for (int i = 0; i < 97; ++i) trainer.step();
  EXPECT_EQ(allocations - before, 0);
  EXPECT_EQ(told, 107);
}

TEST(Allocations, ASplitStepTakesNone) {
  Prepared run = prepared("make_regression:n_samples=100,n_features=5,n_informative=2");
  run.config.shards = 4;
  run.config.accumulate = 2;
  const Events events;
  Trainer trainer(run, events, nullptr);
  for (int i = 0; i < 10; ++i) trainer.step();
  const std::int64_t before = allocations;
  for (int i = 0; i < 20; ++i) trainer.step();
  EXPECT_EQ(allocations - before, 0);
}

TEST(Allocations, ALoaderThatAugmentsTakesNone) {
  data::Dataset images =
      data::from_arrays(Tensor(DType::u8, Shape{50, 3, 8, 8}), Tensor(DType::i64, Shape{50}));
  images.normalizer = data::Normalizer{{0.5, 0.5, 0.5}, {0.2, 0.2, 0.2}};
  const auto augmentation = data::Augmentation::parse("crop=2,flip,erase=0.5,cutout=3,mixup=0.2");
  data::Loader loader(images, {.batch_size = 16, .augmentation = augmentation, .prefetch = 0});
  loader.next();
  const std::int64_t before = allocations;
  for (int i = 0; i < 20; ++i) loader.next();
  EXPECT_EQ(allocations - before, 0);
}

TEST(Allocations, AccumulationLimitsAndAveragesTakeNone) {
  Prepared run = prepared("make_regression:n_samples=100,n_features=5,n_informative=2");
  run.config.accumulate = 3;
  run.config.ema = 0.99;
  run.config.max_norm = 1;
  const Events events;
  Trainer trainer(run, events, nullptr);
  for (int i = 0; i < 10; ++i) trainer.step();
  const std::int64_t before = allocations;
  for (int i = 0; i < 97; ++i) trainer.step();
  EXPECT_EQ(allocations - before, 0);
}

}  // namespace
}  // namespace gradus::train
