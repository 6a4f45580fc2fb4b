// Averages of several runs' weights, and running statistics computed anew.
#include <gtest/gtest.h>

#include "gradus/ops.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/prepare.h"
#include "train/runs.h"
#include "train/statistics.h"

namespace gradus::train {
namespace {

namespace fs = std::filesystem;

RunConfig moons(const fs::path& out, const char* hundredths = "1") {
  RunConfig c = config_of({{"data", "make_moons:n_samples=90,noise=0.1,test=0.2"},
                           {"epochs", "2"},
                           {"batch_size", "16"},
                           {"threads", "1"},
                           {"lr", std::string("0.0") + hundredths},
                           {"out", out.string()}});
  c.layers = small_mlp();
  return c;
}

TEST(Average, IsTheMeanAndARunOfItsOwn) {
  const TemporaryFolder folder;
  train(moons(folder / "a", "1"));
  train(moons(folder / "b", "2"));
  train(moons(folder / "c", "4"));
  const AverageResult result =
      average({folder / "a", folder / "b", folder / "c"}, {.out = (folder / "mean").string()});
  EXPECT_EQ(result.runs, 3u);
  EXPECT_FALSE(result.recomputed);
  const Model a = load_model(folder / "a"), b = load_model(folder / "b"), c = load_model(folder / "c"),
              mean = load_model(folder / "mean");
  for (std::size_t k = 0; k < mean.network.variables().size(); ++k) {
    const auto at = [&](const Model& model, std::int64_t i) {
      return model.network.variables()[k].value().at(i);
    };
    for (std::int64_t i = 0; i < mean.network.variables()[k].type().shape.size(); ++i)
      EXPECT_NEAR(at(mean, i), (at(a, i) + at(b, i) + at(c, i)) / 3, 1e-6);
  }
  EXPECT_NEAR(evaluate(folder / "mean").scores.loss, result.test->loss, 1e-9);
  RunConfig again = moons(folder / "mean");
  set_from_text(again, "resume", "true");
  EXPECT_TRUE(train(again).already_finished);
}

TEST(Average, OfOneModelTwiceIsThatModel) {
  const TemporaryFolder folder;
  train(moons(folder / "a"));
  fs::copy(folder / "a", folder / "copy", fs::copy_options::recursive);
  average({folder / "a", folder / "copy"}, {.out = (folder / "mean").string()});
  EXPECT_EQ(read_text(folder / "mean" / "model.safetensors"), read_text(folder / "a" / "model.safetensors"));
}

TEST(Average, RefusesWhatCannotBeAveraged) {
  const TemporaryFolder folder;
  train(moons(folder / "a"));
  RunConfig other = moons(folder / "b");
  other.layers = small_mlp("relu");
  train(other);
  const std::string out = (folder / "mean").string(), a = (folder / "a").string(),
                    b = (folder / "b").string();
  expect_error(
      [&] {
        average({a, b}, {.out = out});
      },
      Fault::model, b + ": its layers must be those of " + a + "; they differ. Average runs of one model.");
  expect_error([&] { average({a}, {.out = out}); }, Fault::usage,
               "average: at least two runs were needed, got 1.");
  expect_error(
      [&] {
        average({a, a}, {.out = out});
      },
      Fault::usage, "average: " + a + " is given twice. Leave one out.");
  expect_error(
      [&] {
        average({a, b}, {});
      },
      Fault::usage, "average: a folder for the new model was needed. Add --out DIR.");
  expect_error(
      [&] {
        average({a, b}, {.out = a});
      },
      Fault::output, a + ": it holds a finished run. Take another --out, or see its result with --resume.");
  EXPECT_FALSE(fs::exists(out));
}

// Takes the batch's mean from x, and keeps a running one that moves by `momentum`.
class Centre : public nn::Layer {
 public:
  explicit Centre(double momentum, DType dtype = DType::f64) : Layer("centre"), momentum_(momentum) {
    mean_ = own("running_mean", {dtype, {2}}, nn::Initializer::constant(7), Role::statistic);
    initialize(0);
  }

 private:
  Value build(const Value& x, const nn::Pass& pass) const override {
    const Value running = read(x.graph(), mean_);
    if (!pass.training || momentum_ == 0) return x - running;
    const Value batch = mean(x, {.axes = {0}});
    assign(mean_, running * (1 - momentum_) + batch * momentum_);
    return x - batch;
  }
  double momentum_;
  Variable mean_;
};

// 90 examples in batches of 16 and one of 10: the mean over batches, weighted by their sizes, is that of all.
TEST(Statistics, AreThoseOfTheWholeTrainingPart) {
  RunConfig c = config_of({{"data", "make_moons:n_samples=90,noise=0.1"},
                           {"batch_size", "16"},
                           {"precision", "f64"},
                           {"threads", "1"}});
  c.layers = small_mlp();
  Prepared run = prepare(c);
  run.model.network.layers = nn::Sequential(Centre(0.1), Centre(0));
  EXPECT_TRUE(recompute_statistics(run));
  const std::vector<Variable> statistics = run.model.network.variables();
  for (std::int64_t column = 0; column < 2; ++column) {
    double mean = 0;
    for (std::int64_t i = 0; i < 90; ++i) mean += run.parts.train.x.at(2 * i + column) / 90;
    EXPECT_NEAR(statistics[0].value().at(column), mean, 1e-12);
    EXPECT_EQ(statistics[1].value().at(column), 7);  // what does not move in training stays
  }
  // Large ones in f32.
  set_from_text(c, "precision", "f32");
  Prepared far = prepare(c);
  far.parts.train.x = far.parts.train.x.cast(DType::f32);
  for (float& x : far.parts.train.x.values<float>()) x += 3e4F;
  far.model.network.layers = nn::Sequential(Centre(0.1, DType::f32));
  EXPECT_TRUE(recompute_statistics(far));
  EXPECT_NEAR(far.model.network.variables()[0].value().at(0), statistics[0].value().at(0) + 3e4, 0.5);
  Prepared plain = prepare(c);
  EXPECT_FALSE(recompute_statistics(plain));
}

}  // namespace
}  // namespace gradus::train
