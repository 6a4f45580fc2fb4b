// Runs on augmented and normalized images.
#include <gtest/gtest.h>

#include "base/philox.h"
#include "gradus/io.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

namespace fs = std::filesystem;

// 60 images of 2 channels in 3 classes: a bright bar at a height of the class's own, in noise.
void write_images(const fs::path& file) {
  const RandomSequence random(1, 1);
  Tensor x(DType::u8, Shape{60, 2, 6, 6}), y(DType::i64, Shape{60});
  for (std::int64_t i = 0; i < 60; ++i) {
    y.set(i, static_cast<double>(i % 3));
    for (std::int64_t p = 0; p < 72; ++p) {
      const bool bar = p % 36 / 12 == i % 3;
      const auto noise = static_cast<double>(random.below(static_cast<std::uint64_t>(72 * i + p), 60));
      x.set(72 * i + p, noise + (bar ? 150 : 20));
    }
  }
  io::write_npz(file, {{"x", x}, {"y", y}});
}

class Images : public testing::Test {
 protected:
  Images() { write_images(folder / "images.npz"); }

  RunConfig settings(const char* augment, const char* out = nullptr) const {
    RunConfig c = config_of({{"data", spec},
                             {"augment", augment},
                             {"epochs", "4"},
                             {"batch_size", "16"},
                             {"threads", "1"},
                             {"lr", "0.01"}});
    if (out) set_from_text(c, "out", (folder / out).string());
    c.layers = nn::parse_model("layers = ['flatten', { dense = 8 }, 'relu', { dense = 3 }]", "small.toml");
    return c;
  }

  TemporaryFolder folder;
  std::string spec = "npz:" + (folder / "images.npz").string() + ",test=0.2";
};

TEST_F(Images, AreNormalizedByTheTrainingPartWhereTheyAreAugmented) {
  const Prepared plain = prepare(settings("none")), augmented = prepare(settings("crop=1"));
  EXPECT_FALSE(plain.model.normalizer);
  ASSERT_TRUE(augmented.model.normalizer);
  EXPECT_EQ(augmented.model.normalizer, data::Normalizer::fit(augmented.parts.train.x));
  EXPECT_EQ(augmented.parts.test->normalizer, augmented.model.normalizer);
  EXPECT_EQ(augmented.config.augment, "crop=1");
  RunConfig c = settings("crop=1");
  set_from_text(c, "normalize", "off");
  EXPECT_FALSE(prepare(c).model.normalizer);
  set_from_text(c, "augment", "none");
  set_from_text(c, "normalize", "on");
  EXPECT_TRUE(prepare(c).model.normalizer);
}

TEST_F(Images, AreScoredAndPredictedAsTheyWereTrained) {
  const TrainResult result = train(settings("crop=1,flip,erase=0.3,cutout=2,mixup=0.2", "run"));
  EXPECT_GE(*result.test->accuracy, 0.9);
  EXPECT_EQ(evaluate(folder / "run").scores.loss, result.test->loss);
  const Prepared run = prepare(read_config(folder / "run" / "run.toml"));
  const Model model = load_model(folder / "run");
  EXPECT_EQ(model.normalizer, run.model.normalizer);
  // What the network says of images that were normalized by hand.
  const data::Dataset& test = *run.parts.test;
  const Tensor output = run_model(folder / "run", test.x);
  Model bare = model;
  bare.normalizer.reset();
  Tensor by_hand(DType::f32, test.x.shape());
  for (std::int64_t i = 0; i < by_hand.size(); ++i) {
    const auto channel = static_cast<std::size_t>(i / 36 % 2);
    by_hand.set(i, (test.x.at(i) / 255 - model.normalizer->mean[channel]) / model.normalizer->std[channel]);
  }
  const Tensor expected = run_model(bare, by_hand);
  for (std::int64_t i = 0; i < output.size(); ++i) EXPECT_NEAR(output.at(i), expected.at(i), 1e-4);
  // The same of rows of 72 numbers.
  EXPECT_TRUE(output.same_bits(run_model(folder / "run", test.x.reshaped({test.size(), 72}))));
}

TEST_F(Images, AreAugmentedWhileTheyAreTrainedOnly) {
  RunConfig c = settings("erase=1,cutout=5,crop=2");
  set_from_text(c, "lr", "0");  // the same weights before and after
  set_from_text(c, "val_split", "0.25");
  double met = 0;
  std::optional<Scores> val;
  Events events;
  events.epoch = [&](const EpochEvent& e) { met = e.train.loss, val = e.val; };
  const TrainResult augmented = train(c, events);
  const double met_augmented = met;
  set_from_text(c, "augment", "none");
  set_from_text(c, "normalize", "on");
  const TrainResult plain = train(c, events);
  EXPECT_NEAR(met, plain.train->loss, 1e-6);
  EXPECT_GT(std::abs(met_augmented - augmented.train->loss), 1e-3);
  EXPECT_EQ(augmented.train->loss, plain.train->loss);
  EXPECT_EQ(augmented.val->loss, plain.val->loss);
  EXPECT_EQ(augmented.test->loss, plain.test->loss);
}

// Convolutions, statistics of batches, dropout and sums over a batch on two threads.
TEST_F(Images, RepeatARunBitForBit) {
  for (const char* precision : {"f32", "bf16-emulated", "f64"}) {
    const auto weights = [&](const std::string& out) {
      RunConfig c = settings("crop=1,flip,erase=0.3,mixup=0.2", out.c_str());
      const std::string conv = "{ conv2d = { filters = 16, kernel = 3, padding = 'same' } }, 'batch_norm'";
      c.layers = nn::parse_model("layers = [" + conv + ", 'relu', { residual = [" + conv +
                                     "] }, 'relu', { dropout = 0.2 }, 'flatten', { dense = 3 }]",
                                 "images.toml");
      set_from_text(c, "threads", "2");
      set_from_text(c, "precision", precision);
      train(c);
      return read_text(folder / out / "model.safetensors");
    };
    const std::string name = precision;
    EXPECT_TRUE(weights(name + "-once") == weights(name + "-again")) << name;
  }
}

TEST_F(Images, GoOnInTheSameBits) {
  const char* all = "crop=1,flip,erase=0.3,cutout=2,mixup=0.2";
  train(settings(all, "whole"));
  std::atomic<bool> stop = false;
  Events events;
  events.step_interval_ms = 0;
  events.step = [&](const StepEvent& e) { stop = e.step == 5; };
  EXPECT_TRUE(train(settings(all, "cut"), events, &stop).interrupted);
  RunConfig rest = settings(all, "cut");
  set_from_text(rest, "resume", "true");
  EXPECT_EQ(train(rest).resumed_from_step, 5);
  EXPECT_EQ(read_text(folder / "cut" / "model.safetensors"),
            read_text(folder / "whole" / "model.safetensors"));
}

TEST_F(Images, MayBeMixedForANetworkOfMoreOutputsThanClasses) {
  RunConfig c = settings("mixup=0.4");
  c.layers = nn::parse_model("layers = ['flatten', { dense = 5 }]", "small.toml");
  set_from_text(c, "class_weight", "balanced");
  set_from_text(c, "batch_size", "full");  // and batches of all examples change, too
  std::vector<double> losses;
  Events events;
  events.epoch = [&](const EpochEvent& e) { losses.push_back(e.train.loss); };
  set_from_text(c, "lr", "0");
  EXPECT_TRUE(train(c, events).test->accuracy);
  EXPECT_NE(losses[0], losses[1]) << "mixed anew in each epoch";
}

TEST_F(Images, SolveLeastSquaresOnWhatTheNetworkSees) {
  const Tensor x = Tensor::of<double>(Shape{3, 1, 1, 1}, {10, 20, 30});
  io::write_npz(folder / "line.npz", {{"x", x}, {"y", Tensor::of<double>(Shape{3}, {1, 3, 5})}});
  RunConfig c = config_of({{"data", "npz:" + (folder / "line.npz").string()},
                           {"optimizer", "least_squares"},
                           {"normalize", "on"},
                           {"precision", "f64"},
                           {"out", (folder / "run").string()}});
  EXPECT_NEAR(train(c).train->loss, 0, 1e-20);
  EXPECT_NEAR(run_model(folder / "run", x).at(2), 5, 1e-6);  // weights are saved as f32
}

TEST_F(Images, RefuseWhatDoesNotFit) {
  const auto refuses = [&](std::initializer_list<std::pair<const char*, std::string>> more, Fault fault,
                           const std::string& message) {
    RunConfig c = config_of({{"data", spec}});
    for (const auto& [key, value] : more) set_from_text(c, key, value);
    expect_error([&] { prepare(c); }, fault, message);
  };
  refuses({{"augment", "crop=4,flap"}}, Fault::usage,
          "augment: there is no 'flap'; there are crop, flip, erase, cutout, mixup. Did you mean 'flip'?");
  refuses(
      {{"data", "make_moons"}, {"augment", "flip"}}, Fault::data,
      "make_moons: crop, flip, erase and cutout need images [C, H, W], the examples are [2]. Leave --augment "
      "out.");
  refuses(
      {{"data", "make_moons"}, {"normalize", "on"}}, Fault::data,
      "normalize: images x [N, C, H, W] were needed, x is f64[100, 2]. Other data take --standardize on.");
  refuses({{"standardize", "on"}, {"normalize", "on"}}, Fault::usage,
          "--normalize on: it takes the place of --standardize on. Give one of them.");
  refuses(
      {{"augment", "mixup=0.2"}, {"loss", "sigmoid_cross_entropy"}}, Fault::usage,
      "--augment mixup: labels become probabilities, which --loss sigmoid_cross_entropy does not take. Take "
      "softmax_cross_entropy.");
  refuses({{"augment", "flip"}, {"optimizer", "least_squares"}}, Fault::usage,
          "--optimizer least_squares: it solves for the weights at once, --augment has no meaning. Leave it "
          "out.");
}

}  // namespace
}  // namespace gradus::train
