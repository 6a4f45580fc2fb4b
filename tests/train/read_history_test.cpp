#include "train/read_history.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/file.h"
#include "support/temporary_folder.h"
#include "train/run_folder.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

TEST(ReadHistory, GivesBackWhatWasWritten) {
  const TemporaryFolder folder;
  {
    History history(folder.path());
    StepEvent step;
    step.step = 100, step.epoch = 2, step.loss = 0.5, step.smoothed_loss = NAN, step.lr = 0.1;
    history.step(step);
    EpochEvent epoch;
    epoch.epoch = 2, epoch.step = 120, epoch.best = true;
    epoch.train = {.loss = 0.4, .accuracy = 0.9, .n = 10};
    epoch.val = Scores{.loss = 0.6, .accuracy = {}, .n = 5};
    history.epoch(epoch);
    history.probe({.step = 3, .layers = {}, .parameters = {{.name = "w", .norm = 2, .gradient_norm = 0.25}}});
    history.finding({.rule = "saturation",
                     .place = "",
                     .step = 3,
                     .evidence = "",
                     .remedy = "",
                     .wording = "saturation.since",
                     .values = {{"percent", "80"}}});
    TrainResult result;
    result.steps = 120, result.best_epoch = 2;
    history.finish(result);
  }
  const RunHistory read = read_history(folder.path());
  ASSERT_TRUE(read.steps.size() == 1 && read.epochs.size() == 1 && read.gradients.size() == 1 && read.finish);
  EXPECT_EQ(read.steps[0].loss, 0.5);
  EXPECT_TRUE(std::isnan(read.steps[0].smoothed_loss));
  EXPECT_FALSE(read.steps[0].accuracy);
  EXPECT_EQ(read.epochs[0].train.accuracy, 0.9);
  EXPECT_EQ(read.epochs[0].val->loss, 0.6);
  EXPECT_EQ(read.gradients[0].norms, (std::vector<std::pair<std::string, double>>{{"w", 0.25}}));
  ASSERT_EQ(read.findings.size(), 1u);
  EXPECT_EQ(read.findings[0].wording, "saturation.since");
  EXPECT_EQ(read.findings[0].values, (FindingValues{{"percent", "80"}}));
  EXPECT_EQ(read.finish->best_epoch, 2);
}

TEST(ReadHistory, SkipsWhatItCannotRead) {
  const TemporaryFolder folder;
  const std::string step =
      R"({"type":"step","step":1,"epoch":1,"loss":1,"smoothed_loss":1,"accuracy":null,"lr":1,"seconds":0,"samples_per_s":0})";
  write_file(
      folder / "history.jsonl",
      "not JSON\n[1]\n{\"type\":7}\n{\"type\":\"step\",\"step\":\"x\"}\n{\"type\":\"unknown\"}\n{}\n\n" +
          step + "\n" +
          R"({"type":"finding","rule":"r","step":4,"place":"layers.0","evidence":"seen","remedy":"do"})" +
          "\n" + step.substr(0, 30));
  const RunHistory read = read_history(folder.path());
  ASSERT_EQ(read.steps.size(), 1u);
  ASSERT_EQ(read.findings.size(), 1u);
  EXPECT_EQ(read.findings[0].evidence, "seen");
  EXPECT_TRUE(read.epochs.empty());
  EXPECT_FALSE(read.finish);
}

TEST(ReadHistory, TellsWhereTheRunWasTrainedAndWhatEndedIt) {
  const TemporaryFolder folder;
  StartEvent start;
  start.config.threads = 3, start.config.precision = "bf16";
  start.total_steps = 9;
  {
    History history(folder.path());
    history.start(start);
    history.end({.cause = RunEnd::diverged, .step = 7, .what = "NaN from matmul"});
  }
  const RunHistory read = read_history(folder.path());
  ASSERT_EQ(read.environments.size(), 1u);
  EXPECT_EQ(read.environments[0].str(), environment_of(start.config).str());
  EXPECT_EQ(read.environments[0].libraries.size(), environment_of(start.config).libraries.size());
  ASSERT_TRUE(read.end);
  EXPECT_EQ(read.end->str(), "It diverged at step 8: NaN from matmul.");
  EXPECT_FALSE(finished_result(folder.path()));
}

TEST(ReadHistory, ARunThatGoesOnElsewhereTellsSo) {
  const TemporaryFolder folder;
  StartEvent start;
  start.total_steps = 9;
  {
    History history(folder.path());
    history.start(start);
    history.end({.cause = RunEnd::interrupted, .step = 4, .what = {}});
  }
  History(folder.path(), 4).start(start);
  RunHistory read = read_history(folder.path());
  EXPECT_EQ(read.environments.size(), 1u) << "the same machine, build, threads and precision";
  EXPECT_FALSE(read.end) << "it goes on";
  start.resumed_from_step = 4;
  start.config.precision = "f64";
  History(folder.path(), 4).start(start);
  read = read_history(folder.path());
  ASSERT_EQ(read.environments.size(), 2u);
  EXPECT_EQ(read.environments[1].from_step, 4);
  EXPECT_EQ(read.environments[1].precision, "f64");
}

TEST(ReadHistory, OfAnOlderVersionHasNoEnvironment) {
  const TemporaryFolder folder;
  write_file(folder / "history.jsonl", R"({"type":"start","step":0,"total_steps":9,"layers":[]})"
                                       "\n");
  EXPECT_TRUE(read_history(folder.path()).environments.empty());
}

TEST(ReadHistory, NoFileIsEmpty) {
  const TemporaryFolder folder;
  EXPECT_TRUE(read_history(folder.path()).empty());
  write_file(folder / "history.jsonl", "");
  EXPECT_TRUE(read_history(folder.path()).empty());
}

}  // namespace
}  // namespace gradus::train
