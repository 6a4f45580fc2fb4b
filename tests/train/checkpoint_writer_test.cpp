// Checkpoints written beside training.
#include "train/checkpoint_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <future>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_of(const std::vector<CheckpointWriter::Attempt>& attempts) {
  std::vector<std::string> names;
  for (const auto& attempt : attempts) names.push_back(attempt.file.filename());
  return names;
}

class Writer : public ::testing::Test {
 protected:
  void hand_over(CheckpointWriter& writer, std::int64_t step) {
    weight_.value().fill(static_cast<double>(step));
    writer.hand_over({.step = step, .schedule = {}}, {weight_}, best_);
  }

  TemporaryFolder folder_;
  Variable weight_{"w", {DType::f32, Shape{3}}, Role::parameter};
  Snapshot best_{{}};
};

TEST_F(Writer, KeepsTheValuesOfTheHandOver) {
  CheckpointWriter writer(folder_.path(), "settings", [] {});
  hand_over(writer, 7);
  weight_.value().fill(-1);
  writer.wait();
  EXPECT_EQ(names_of(writer.take_attempts()), (std::vector<std::string>{"step-000000007.safetensors"}));
  EXPECT_TRUE(writer.take_attempts().empty());
  const std::optional<Checkpoint> read = read_latest_checkpoint(folder_.path());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->state.step, 7);
  EXPECT_EQ(read->config, "settings");
  EXPECT_EQ(read->variables.at(0).second.at(2), 7);
}

TEST_F(Writer, TheNewestThatWaitsWins) {
  std::promise<void> begun, go_on;
  int writes = 0;
  CheckpointWriter writer(folder_.path(), "settings", [&] {
    if (writes++ > 0) return;
    begun.set_value();
    go_on.get_future().wait();
  });
  hand_over(writer, 1);
  begun.get_future().wait();
  for (std::int64_t step = 2; step <= 9; ++step) hand_over(writer, step);  // none of these blocks
  go_on.set_value();
  writer.wait();
  EXPECT_EQ(names_of(writer.take_attempts()),
            (std::vector<std::string>{"step-000000001.safetensors", "step-000000009.safetensors"}));
  EXPECT_EQ(writes, 2);
  EXPECT_EQ(read_latest_checkpoint(folder_.path())->variables.at(0).second.at(0), 9);
}

TEST_F(Writer, WritesWhatWaitsBeforeItEnds) {
  {
    CheckpointWriter writer(folder_.path(), "settings", [] {});
    hand_over(writer, 3);
  }
  EXPECT_EQ(read_latest_checkpoint(folder_.path())->state.step, 3);
}

TEST_F(Writer, GoesOnAfterAFault) {
  write_text(folder_ / "checkpoints", "a file where a folder should be");
  CheckpointWriter writer(folder_.path(), "settings", [] {});
  hand_over(writer, 1);
  writer.wait();
  const auto failed = writer.take_attempts();
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].step, 1);
  EXPECT_EQ(failed[0].fault,
            (folder_ / "checkpoints").string() + ": the folder cannot be made: Not a directory.");
  fs::remove(folder_ / "checkpoints");
  hand_over(writer, 2);
  writer.wait();
  EXPECT_EQ(writer.take_attempts().at(0).fault, "");
  EXPECT_EQ(read_latest_checkpoint(folder_.path())->state.step, 2);
}

// What must be on disk before the checkpoint, and is not, keeps it from being written.
TEST_F(Writer, WritesNothingWhereWhatComesBeforeFails) {
  CheckpointWriter writer(folder_.path(), "settings", [] { throw Error("no room", Fault::output); });
  hand_over(writer, 1);
  writer.wait();
  EXPECT_EQ(writer.take_attempts().at(0).fault, "no room");
  EXPECT_FALSE(has_checkpoint(folder_.path()));
}

TEST_F(Writer, NeverWritesNaN) {
  CheckpointWriter writer(folder_.path(), "settings", [] {});
  hand_over(writer, 1);
  writer.wait();
  weight_.value().fill(std::nan(""));
  writer.hand_over({.step = 2, .schedule = {}}, {weight_}, best_);
  writer.wait();
  EXPECT_NE(writer.take_attempts().at(1).fault.find("'w' has a NaN"), std::string::npos);
  EXPECT_EQ(read_latest_checkpoint(folder_.path())->state.step, 1);
}

TEST(TrainerWrites, TellsOfEachFileOnTheTrainingThread) {
  const TemporaryFolder folder;
  RunConfig c = config_of({{"data", "make_moons:n_samples=40"},
                           {"epochs", "200"},
                           {"batch_size", "20"},
                           {"threads", "1"},
                           {"out", (folder / "run").string()}});
  c.layers = small_mlp();
  std::vector<fs::path> told;
  Events events;
  events.checkpoint = [&, trains = std::this_thread::get_id()](const fs::path& file) {
    EXPECT_EQ(std::this_thread::get_id(), trains);
    told.push_back(file);
  };
  train(c, events);
  ASSERT_FALSE(told.empty());
  EXPECT_LE(told.size(), 200u);
  EXPECT_EQ(told.back(), folder / "run" / "checkpoints" / "step-000000400.safetensors");
  EXPECT_TRUE(fs::exists(told.back()));
}

}  // namespace
}  // namespace gradus::train
