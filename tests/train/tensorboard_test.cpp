// What a run writes for TensorBoard; io/event_file_test.cpp reads such files field by field.
#include <gtest/gtest.h>

#include "support/temporary_folder.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

RunConfig moons(const std::filesystem::path& out, const std::string& tensorboard,
                const std::string& epochs = "2") {
  RunConfig config = config_of({{"data", "make_moons:n_samples=64"},
                                {"val_split", "0.25"},
                                {"epochs", epochs},
                                {"log_every", "1"},
                                {"probe", "1"},
                                {"tensorboard", tensorboard},
                                {"out", out.string()}});
  config.layers = small_mlp();
  return config;
}

std::vector<std::filesystem::path> event_files(const std::filesystem::path& run) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(run / "tensorboard"))
    files.push_back(entry.path());
  return files;
}

TEST(TensorBoard, GetsScalarsAndHistogramsAndChangesNothing) {
  const TemporaryFolder folder;
  train(moons(folder / "plain", "false"));
  train(moons(folder / "shown", "true"));
  EXPECT_FALSE(std::filesystem::exists(folder / "plain" / "tensorboard"));
  EXPECT_EQ(read_text(folder / "plain" / "model.safetensors"),
            read_text(folder / "shown" / "model.safetensors"));
  const auto files = event_files(folder / "shown");
  ASSERT_EQ(files.size(), 1U);
  const std::string text = read_text(files[0]);
  for (const char* tag : {"loss/step", "loss/train", "loss/val", "accuracy/train", "accuracy/val", "run/lr",
                          "run/samples_per_s", "weights/layers.0.weight", "weights/layers.2.bias",
                          "weight_norm/layers.2.weight", "gradient_norm/layers.0.bias",
                          "gradients/layers.0.weight", "gradients/layers.2.bias"})
    EXPECT_NE(text.find(tag), std::string::npos) << tag;
}

TEST(TensorBoard, GetsAFileOfItsOwnFromARunThatGoesOn) {
  const TemporaryFolder folder;
  RunConfig config = moons(folder / "run", "true");
  std::atomic<bool> stop = false;
  Events events;
  events.epoch = [&](const EpochEvent&) { stop = true; };
  EXPECT_TRUE(train(config, events, &stop).interrupted);
  config.resume = true;
  train(config);
  EXPECT_EQ(event_files(folder / "run").size(), 2U);
}

}  // namespace
}  // namespace gradus::train
