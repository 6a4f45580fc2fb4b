// A checkpoint's bytes: whatever happens to them is found out.
#include "train/checkpoint_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "gradus/io.h"
#include "support/expect_error.h"

namespace gradus::train {
namespace {

using Bytes = std::vector<std::byte>;

Tensor tensor_of(std::initializer_list<double> values) {
  Tensor tensor(DType::f32, Shape{static_cast<std::int64_t>(values.size())});
  std::int64_t i = 0;
  for (const double value : values) tensor.rows(i, i + 1).fill(value), ++i;
  return tensor;
}

// Every kind of section, with values that differ from the defaults.
Checkpoint small_checkpoint() {
  Checkpoint c;
  c.state = {.step = 42,
             .place = {.epoch = 3, .batch = 6, .seed = 7, .counter = 84},
             .seconds = 1.5,
             .average = 0.25,
             .epoch_loss = 2,
             .epoch_seconds = 0.5,
             .epoch_correct = 9,
             .epoch_examples = 10,
             .best_loss = 0.125,
             .best_step = 40,
             .best_epoch = 2,
             .epochs_without_gain = 1,
             .stopped_early = true,
             .schedule = {1, std::numeric_limits<double>::infinity()},
             .lr = 0.01};
  c.config = "data = \"make_moons\"\n";
  c.variables = {{"layers.0.weight", tensor_of({1, -2, 3})},
                 {"layers.1.running_mean", tensor_of({0.5})},
                 {"adam.m.layers.0.weight", tensor_of({0.1, 0.2, 0.3})}};
  c.best = {{"layers.0.weight", tensor_of({4, 5, 6})}};
  return c;
}

std::string bytes_text(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Whether damaged bytes are refused; else they must say what the original says.
bool refused(const Bytes& damaged, const Bytes& original) {
  try {
    const Checkpoint read = parse_checkpoint(damaged, "c");
    EXPECT_TRUE(checkpoint_bytes(read) == original) << "read in silence as something else";
    return false;
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::model) << error.what();
    return true;
  }
}

TEST(CheckpointFile, GivesBackWhatWasWritten) {
  const Checkpoint written = small_checkpoint();
  const Checkpoint read = parse_checkpoint(checkpoint_bytes(written), "c");
  EXPECT_EQ(read.state.step, 42);
  EXPECT_EQ(read.state.place, written.state.place);
  EXPECT_EQ(read.state.seconds, 1.5);
  EXPECT_EQ(read.state.average, 0.25);
  EXPECT_EQ(read.state.epoch_loss, 2);
  EXPECT_EQ(read.state.epoch_seconds, 0.5);
  EXPECT_EQ(read.state.epoch_correct, 9);
  EXPECT_EQ(read.state.epoch_examples, 10);
  EXPECT_EQ(read.state.best_loss, 0.125);
  EXPECT_EQ(read.state.best_step, 40);
  EXPECT_EQ(read.state.best_epoch, 2);
  EXPECT_EQ(read.state.epochs_without_gain, 1);
  EXPECT_TRUE(read.state.stopped_early);
  EXPECT_EQ(read.state.schedule, written.state.schedule);
  EXPECT_EQ(read.state.lr, 0.01);
  EXPECT_EQ(read.config, written.config);
  ASSERT_EQ(read.variables.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(read.variables[i].first, written.variables[i].first);
    EXPECT_TRUE(read.variables[i].second.same_bits(written.variables[i].second));
  }
  ASSERT_EQ(read.best.size(), 1u);
  EXPECT_EQ(read.best[0].first, "layers.0.weight");
  EXPECT_TRUE(read.best[0].second.same_bits(written.best[0].second));
}

TEST(CheckpointFile, AnyFlippedBitIsFoundOrHarmless) {
  const Bytes original = checkpoint_bytes(small_checkpoint());
  const std::size_t header =
      8 + static_cast<std::size_t>(original[0]) + 256 * static_cast<std::size_t>(original[1]);
  for (std::size_t i = 0; i < original.size(); ++i) {
    for (const int flip : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
      Bytes damaged = original;
      damaged[i] ^= static_cast<std::byte>(flip);
      const bool found = refused(damaged, original);
      EXPECT_TRUE(found || i < header) << "byte " << i << " of the data";
    }
  }
}

TEST(CheckpointFile, AnyMissingEndIsFound) {
  const Bytes original = checkpoint_bytes(small_checkpoint());
  for (std::size_t size = 0; size < original.size(); ++size) {
    EXPECT_TRUE(
        refused(Bytes(original.begin(), original.begin() + static_cast<std::ptrdiff_t>(size)), original))
        << size;
  }
}

TEST(CheckpointFile, NamesTheDamagedSection) {
  Bytes bytes = checkpoint_bytes(small_checkpoint());
  const std::string text = bytes_text(bytes);
  bytes[text.find("make_moons")] ^= std::byte{1};
  try {
    parse_checkpoint(bytes, "c");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).rfind("c: section 'run.toml' is damaged: its checksum is ", 0), 0u)
        << error.what();
  }
}

// Sections that change places keep their bytes, but not their names.
TEST(CheckpointFile, ExchangedSectionsAreFound) {
  io::NamedTensors sections = io::parse_safetensors(checkpoint_bytes(small_checkpoint()), "c");
  std::swap(sections[0].second, sections[2].second);
  EXPECT_TRUE(refused(io::safetensors_bytes(sections), {}));
}

TEST(CheckpointFile, IsNeverMadeOfNaN) {
  Checkpoint checkpoint = small_checkpoint();
  checkpoint.variables[2].second.fill(std::nan(""));
  expect_error(
      [&] { checkpoint_bytes(checkpoint); }, Fault::diverged,
      "checkpoint: all numbers must be finite, 'adam.m.layers.0.weight' has a NaN or infinity. It was "
      "not written.");
}

}  // namespace
}  // namespace gradus::train
