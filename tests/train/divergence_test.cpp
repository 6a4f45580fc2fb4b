// A loss that is not finite stops the run, and says where that began.
#include <gtest/gtest.h>

#include "gradus/io.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

namespace fs = std::filesystem;

RunConfig moons() {
  RunConfig c = config_of({{"data", "make_moons:n_samples=64,noise=0.1"},
                           {"optimizer", "sgd"},
                           {"epochs", "5"},
                           {"batch_size", "16"},
                           {"threads", "1"}});
  c.layers = small_mlp("relu");
  return c;
}

std::string message_of(const RunConfig& c) {
  try {
    train(c);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::diverged);
    return error.what();
  }
  ADD_FAILURE() << "the run did not diverge";
  return "";
}

TEST(Divergence, NamesTheFirstBadStepAndTheLayer) {
  RunConfig c = moons();
  set_from_text(c, "lr", "1e30");
  const std::string message = message_of(c);
  EXPECT_EQ(message.rfind("train: step 2 (epoch 1): all numbers must stay finite, the first NaN or infinity "
                          "came from ",
                          0),
            0u)
      << message;
  EXPECT_NE(message.find(" in layers.2 (dense). Take a smaller --lr (it is 1e+30), or cut gradients off with "
                         "--clip-norm 1."),
            std::string::npos)
      << message;
}

TEST(Divergence, IsFoundAfterManyHealthySteps) {
  RunConfig c = moons();
  set_from_text(c, "lr", "0.01");
  c.epochs = 100;  // 400 steps
  // The rate explodes at epoch 60, between two of the kept states.
  set_from_text(c, "schedule", "step:every=60,factor=1e30");
  const std::string message = message_of(c);
  EXPECT_EQ(message.rfind("train: step 242 (epoch 61): all numbers must stay finite, ", 0), 0u) << message;
}

TEST(Divergence, InTheLastStepIsFoundToo) {
  // The loss of the only step is finite; its update is not.
  RunConfig c = moons();
  set_from_text(c, "lr", "1e300");
  c.epochs.reset();
  set_from_text(c, "batch_size", "full");
  c.given.erase("epochs");
  set_from_text(c, "steps", "1");
  const std::string message = message_of(c);
  EXPECT_EQ(message.rfind("train: step 1 (epoch 1): ", 0), 0u) << message;
}

TEST(Divergence, WeightsThatAreNotFiniteAreNamed) {
  const TemporaryFolder folder;
  RunConfig c = moons();
  const Prepared run = prepare(c);
  io::NamedTensors weights;
  for (const Variable& v : run.model.network.variables()) weights.emplace_back(v.name(), v.value().clone());
  weights[2].second.fill(std::numeric_limits<double>::quiet_NaN());
  io::write_safetensors(folder / "w.safetensors", weights);
  set_from_text(c, "init_from", (folder / "w.safetensors").string());
  EXPECT_EQ(
      message_of(c),
      "train: step 1 (epoch 1): all numbers must stay finite, 'layers.2.weight' is NaN or infinite. Take "
      "a smaller --lr (it is 0.01), or cut gradients off with --clip-norm 1.");
}

TEST(Divergence, LeavesWhatWasSaved) {
  const TemporaryFolder folder;
  RunConfig c = moons();
  set_from_text(c, "lr", "0.01");
  set_from_text(c, "schedule", "step:every=3,factor=1e30");
  set_from_text(c, "out", (folder / "run").string());
  message_of(c);
  EXPECT_TRUE(fs::exists(folder / "run" / "run.toml"));
  EXPECT_TRUE(fs::exists(folder / "run" / "checkpoints" / "step-000000012.safetensors"));
  EXPECT_FALSE(fs::exists(folder / "run" / "model.safetensors"));
  EXPECT_NE(read_text(folder / "run" / "history.jsonl").find("\"epoch\":3"), std::string::npos);
}

}  // namespace
}  // namespace gradus::train
