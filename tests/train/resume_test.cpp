// A run that was stopped and went on ends with the same bits as one that was not.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "gradus/io.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

namespace fs = std::filesystem;

RunConfig moons(const fs::path& out) {
  RunConfig c = config_of({{"data", "make_moons:n_samples=150,noise=0.2"},
                           {"epochs", "6"},
                           {"batch_size", "16"},
                           {"val_split", "0.2"},
                           {"schedule", "plateau:factor=0.5,patience=0"},
                           {"log_every", "3"},
                           {"threads", "1"},
                           {"out", out.string()}});
  c.layers = nn::parse_model("layers = [{ dense = 16 }, 'relu', { dense = 2 }]", "small.toml");
  return c;
}

// Checkpoints are written beside training: waits for the one of a step.
void wait_for_checkpoint(const fs::path& dir, std::int64_t step) {
  const fs::path file = dir / "checkpoints" / fmt::format("step-{:09}.safetensors", step);
  for (int i = 0; i < 5000 && !fs::exists(file); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_TRUE(fs::exists(file)) << file;
}

// Stops the run at a step, after the checkpoint of an earlier one (0: none is waited for).
void interrupt_at(const RunConfig& config, std::int64_t step, std::int64_t saved = 0) {
  std::atomic<bool> stop = false;
  Events events;
  events.step_interval_ms = 0;
  events.step = [&](const StepEvent& e) {
    if (saved > 0 && e.step == saved + 1) wait_for_checkpoint(config.out, saved);
    stop = e.step == step;
  };
  const TrainResult result = train(config, events, &stop);
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.steps, step);
  EXPECT_FALSE(result.train);
}

RunConfig resumed(RunConfig config) {
  set_from_text(config, "resume", "true");
  return config;
}

std::vector<std::string> lines_without_times(const fs::path& file) {
  std::vector<std::string> lines;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);)
    lines.push_back(line.substr(0, line.find("\"seconds\"")));
  lines.pop_back();  // the finish line tells of the resumption
  return lines;
}

TEST(Resume, MidEpochEndsInTheSameBits) {
  const TemporaryFolder folder;
  const TrainResult whole = train(moons(folder / "whole"));
  interrupt_at(moons(folder / "cut"), 19);  // 8 steps an epoch
  const TrainResult rest = train(resumed(moons(folder / "cut")));
  EXPECT_EQ(rest.resumed_from_step, 19);
  EXPECT_EQ(rest.steps, whole.steps);
  EXPECT_EQ(rest.best_epoch, whole.best_epoch);
  EXPECT_EQ(rest.train->loss, whole.train->loss);
  EXPECT_EQ(rest.val->loss, whole.val->loss);
  EXPECT_EQ(read_text(folder / "cut" / "model.safetensors"),
            read_text(folder / "whole" / "model.safetensors"));
  EXPECT_EQ(lines_without_times(folder / "cut" / "history.jsonl"),
            lines_without_times(folder / "whole" / "history.jsonl"));
}

TEST(Resume, RunningStatisticsGoOnWithTheRest) {
  const TemporaryFolder folder;
  const auto config = [&](const char* name) {
    RunConfig c = moons(folder / name);
    c.layers =
        nn::parse_model("layers = [{ dense = 16 }, 'batch_norm', 'relu', { dense = 2 }]", "small.toml");
    return c;
  };
  const TrainResult whole = train(config("whole"));
  interrupt_at(config("cut"), 19);
  EXPECT_EQ(train(resumed(config("cut"))).val->loss, whole.val->loss);
  EXPECT_EQ(read_text(folder / "cut" / "model.safetensors"),
            read_text(folder / "whole" / "model.safetensors"));
}

TEST(Resume, FromTheLastCheckpointOfAKilledRun) {
  const TemporaryFolder folder;
  // Looks at the network before step number 16 come after the checkpoint of 16 steps.
  const auto config = [&](const char* name) {
    RunConfig c = moons(folder / name);
    set_from_text(c, "health_every", "8");
    set_from_text(c, "probe", "16");
    return c;
  };
  train(config("whole"));
  // A run that is killed leaves its checkpoint of epoch 2 and later lines in its history.
  interrupt_at(config("cut"), 21, 16);
  fs::remove(folder / "cut" / "checkpoints" / "step-000000021.safetensors");
  const TrainResult rest = train(resumed(config("cut")));
  EXPECT_EQ(rest.resumed_from_step, 16);
  EXPECT_EQ(read_text(folder / "cut" / "model.safetensors"),
            read_text(folder / "whole" / "model.safetensors"));
  EXPECT_EQ(lines_without_times(folder / "cut" / "history.jsonl"),
            lines_without_times(folder / "whole" / "history.jsonl"));
}

TEST(Resume, PassesOverADamagedCheckpoint) {
  const TemporaryFolder folder;
  train(moons(folder / "whole"));
  interrupt_at(moons(folder / "cut"), 21, 16);
  const fs::path newest = folder / "cut" / "checkpoints" / "step-000000021.safetensors";
  const std::string cause =
      newest.string() +
      ": a safetensors file starts with 8 bytes for its header's length, this one has 3 "
      "bytes in all.";
  write_text(newest, "cut");
  std::vector<std::string> warnings;
  Events events;
  events.warning = [&](const std::string& text) { warnings.push_back(text); };
  const TrainResult rest = train(resumed(moons(folder / "cut")), events);
  EXPECT_EQ(rest.resumed_from_step, 16);
  EXPECT_EQ(warnings, (std::vector<std::string>{"a damaged checkpoint was passed over: " + cause}));
  EXPECT_EQ(read_text(newest.string() + ".damaged"), "cut");
  EXPECT_EQ(read_text(folder / "cut" / "model.safetensors"),
            read_text(folder / "whole" / "model.safetensors"));

  interrupt_at(moons(folder / "lost"), 21);
  for (const auto& entry : fs::directory_iterator(folder / "lost" / "checkpoints"))
    write_text(entry.path(), "");
  try {
    train(resumed(moons(folder / "lost")));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::model) << error.what();
    EXPECT_NE(std::string(error.what()).find("step-000000021.safetensors: "), std::string::npos);
  }
}

TEST(Resume, WithoutACheckpointStartsAt0) {
  const TemporaryFolder folder;
  const TrainResult whole = train(resumed(moons(folder / "never"))), same = train(moons(folder / "whole"));
  EXPECT_FALSE(whole.resumed_from_step);
  EXPECT_EQ(whole.train->loss, same.train->loss);
  interrupt_at(moons(folder / "cut"), 5);
  fs::remove_all(folder / "cut" / "checkpoints");
  EXPECT_EQ(train(resumed(moons(folder / "cut"))).train->loss, same.train->loss);
}

TEST(Resume, NeedsTheFirstWeightsNoMore) {
  const TemporaryFolder folder;
  train(moons(folder / "first"));
  RunConfig c = moons(folder / "cut");
  set_from_text(c, "init_from", (folder / "first" / "model.safetensors").string());
  interrupt_at(c, 5);
  fs::remove_all(folder / "first");
  EXPECT_EQ(train(resumed(c)).resumed_from_step, 5);
}

TEST(Resume, AFinishedRunIsLeftAsItIs) {
  const TemporaryFolder folder;
  const RunConfig c = moons(folder / "run");
  const TrainResult first = train(c);
  const std::string history = read_text(folder / "run" / "history.jsonl");
  const auto written = fs::last_write_time(folder / "run" / "model.safetensors");
  const TrainResult again = train(resumed(c));
  EXPECT_TRUE(again.already_finished);
  EXPECT_EQ(again.train->loss, first.train->loss);
  EXPECT_EQ(again.val->accuracy, first.val->accuracy);
  EXPECT_EQ(again.steps, first.steps);
  EXPECT_FALSE(again.test);
  EXPECT_EQ(read_text(folder / "run" / "history.jsonl"), history);
  EXPECT_EQ(fs::last_write_time(folder / "run" / "model.safetensors"), written);
}

TEST(Resume, NeedsNoOtherFlagsButTakesThemRepeated) {
  const TemporaryFolder folder;
  interrupt_at(moons(folder / "cut"), 3);
  RunConfig other = resumed(moons(folder / "cut"));
  set_from_text(other, "batch_size", "8");
  expect_error([&] { train(other); }, Fault::usage,
               "--resume: batch_size must be what the run began with, 16; 8 was given. Leave it out, or take "
               "another --out.");
  const RunConfig bare = config_of({{"out", (folder / "cut").string()}, {"resume", "true"}, {"epochs", "2"}});
  EXPECT_EQ(train(bare).epochs, 2);  // how far a run goes may change
}

TEST(Resume, RefusesACheckpointOfOtherSettings) {
  const TemporaryFolder folder;
  interrupt_at(moons(folder / "cut"), 3);
  std::string text = read_text(folder / "cut" / "run.toml");
  text.replace(text.find("lr = 0.001"), 10, "lr = 0.002");
  write_text(folder / "cut" / "run.toml", text);
  expect_error(
      [&] {
        train(config_of({{"out", (folder / "cut").string()}, {"resume", "true"}}));
      },
      Fault::model,
      (folder / "cut").string() +
          ": checkpoint: it was made with other settings than run.toml has: lr differs. Put run.toml back, "
          "or "
          "start anew in another --out.");
}

TEST(Resume, RefusesOtherData) {
  const TemporaryFolder folder;
  const auto write_rows = [&](int rows) {
    std::string text = "a,b\n";
    for (int i = 0; i < rows; ++i) text += std::to_string(i) + "," + std::to_string(i % 2) + "\n";
    write_text(folder / "d.csv", text);
  };
  RunConfig c = moons(folder / "cut");
  set_from_text(c, "data", "csv:" + (folder / "d.csv").string());
  write_rows(150);
  interrupt_at(c, 19);
  write_rows(200);
  expect_error(
      [&] { train(resumed(c)); }, Fault::model,
      (folder / "cut").string() +
          ": checkpoint: it stands at batch 4 of epoch 3, which is not where step 20 of this run is. Are "
          "the data the same as before?");
}

TEST(Resume, LeavesWhatMayChangeToTheCall) {
  const TemporaryFolder folder;
  interrupt_at(moons(folder / "cut"), 3);
  RunConfig c = resumed(moons(folder / "cut"));
  set_from_text(c, "tensorboard", "true");
  set_from_text(c, "on_nan", "skip");
  set_from_text(c, "checkpoint_every", "2steps");
  EXPECT_EQ(train(c).resumed_from_step, 3);
}

TEST(Resume, KeepsTheLastTwoCheckpointsAndTheBest) {
  const TemporaryFolder folder;
  RunConfig c = moons(folder / "run");
  set_from_text(c, "lr", "0.5");
  set_from_text(c, "checkpoint_every", "1");
  Events events;
  events.step_interval_ms = 0;
  events.step = [&](const StepEvent& e) {
    if (e.step % 8 == 1 && e.step > 1) wait_for_checkpoint(folder / "run", e.step - 1);
  };
  const TrainResult result = train(c, events);
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder / "run" / "checkpoints"))
    files.push_back(entry.path().filename());
  std::sort(files.begin(), files.end());
  std::vector<std::string> expected = {"step-000000040.safetensors", "step-000000048.safetensors"};
  if (*result.best_epoch < 5)
    expected.insert(expected.begin(), fmt::format("step-{:09}.safetensors", *result.best_epoch * 8));
  EXPECT_EQ(files, expected);
}

}  // namespace
}  // namespace gradus::train
