#include <gtest/gtest.h>

#include <cmath>

#include "gradus/io.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

RunConfig regression() {
  return config_of({{"data",
                     "make_regression:n_samples=80,n_features=4,n_informative=4,n_targets=2,bias=3,"
                     "noise=2,seed=1"},
                    {"precision", "f64"},
                    {"threads", "1"}});
}

RunConfig solved() {
  RunConfig c = regression();
  set_from_text(c, "optimizer", "least_squares");
  return c;
}

io::NamedTensors weights_in(const std::filesystem::path& dir) {
  return io::read_safetensors(dir / "model.safetensors");
}

TEST(LeastSquares, IsWhereGradientDescentGoes) {
  const TemporaryFolder folder;
  RunConfig exact = solved();
  set_from_text(exact, "out", (folder / "exact").string());
  RunConfig descent = regression();
  for (const auto& [key, value] : {std::pair{"model", "linear"},
                                   {"optimizer", "sgd"},
                                   {"lr", "0.3"},
                                   {"batch_size", "full"},
                                   {"epochs", "400"}})
    set_from_text(descent, key, value);
  set_from_text(descent, "out", (folder / "descent").string());
  const TrainResult best = train(exact), close = train(descent);
  EXPECT_GT(best.train->loss, 0.5);  // there is noise
  EXPECT_NEAR(close.train->loss, best.train->loss, 1e-8);
  const io::NamedTensors a = weights_in(folder / "exact"), b = weights_in(folder / "descent");
  ASSERT_EQ(a.size(), 2u);
  for (std::size_t k = 0; k < a.size(); ++k)
    for (std::int64_t i = 0; i < a[k].second.size(); ++i)
      EXPECT_NEAR(a[k].second.at(i), b[k].second.at(i), 1e-4) << a[k].first << " " << i;
}

TEST(LeastSquares, TakesTheSolutionOfLeastNormOfSeveral) {
  const TemporaryFolder folder;
  write_text(folder / "d.csv", "a,b,y\n0.0,0.0,1.0\n1.0,1.0,3.0\n2.0,2.0,5.0\n");
  RunConfig c = config_of({{"data", "csv:" + (folder / "d.csv").string()},
                           {"optimizer", "least_squares"},
                           {"standardize", "off"},
                           {"precision", "f64"},
                           {"out", (folder / "run").string()}});
  EXPECT_NEAR(train(c).train->loss, 0, 1e-20);
  const io::NamedTensors weights = weights_in(folder / "run");
  EXPECT_NEAR(weights[0].second.at(0), 1, 1e-6);
  EXPECT_NEAR(weights[0].second.at(1), 1, 1e-6);
  EXPECT_NEAR(weights[1].second.at(0), 1, 1e-6);
}

TEST(LeastSquares, SolvesForTheLastLayerBehindFrozenOnes) {
  RunConfig c = solved();
  c.layers =
      nn::parse_model("layers = [{ dense = { units = 6, freeze = true } }, 'tanh', { dense = 2 }]", "m");
  const double loss = train(c).train->loss;
  c.layers =
      nn::parse_model("layers = [{ dense = { units = 30, freeze = true } }, 'tanh', { dense = 2 }]", "m");
  EXPECT_LT(train(c).train->loss, loss);
}

TEST(LeastSquares, FitsClassIndicesAsNumbers) {
  RunConfig c = config_of({{"data", "make_moons:n_samples=50"}, {"optimizer", "least_squares"}});
  const TrainResult result = train(c);
  EXPECT_FALSE(result.train->accuracy);
  EXPECT_LT(result.train->loss, 0.25);
}

TEST(LeastSquares, SavesARunThatIsFinished) {
  const TemporaryFolder folder;
  RunConfig c = solved();
  set_from_text(c, "out", (folder / "run").string());
  const double loss = train(c).train->loss;
  set_from_text(c, "resume", "true");
  const TrainResult again = train(c);
  EXPECT_TRUE(again.already_finished);
  EXPECT_EQ(again.train->loss, loss);
  const RunConfig saved = read_config(folder / "run" / "run.toml");
  EXPECT_EQ(train(saved).train->loss, loss);
}

TEST(LeastSquares, RefusesWhatItCannotSolve) {
  RunConfig c = solved();
  set_from_text(c, "lr", "0.1");
  expect_error([&] { train(c); }, Fault::usage,
               "--optimizer least_squares: it solves for the weights at once, --lr has no meaning. Leave it "
               "out.");
  c = solved();
  set_from_text(c, "loss", "mae");
  expect_error([&] { train(c); }, Fault::usage,
               "--optimizer least_squares: the loss must be mse, it is mae. Take --loss mse.");
  c = solved();
  c.layers = nn::parse_model("layers = [{ dense = 2 }, 'relu']", "m");
  expect_error([&] { train(c); }, Fault::usage,
               "--optimizer least_squares: the last layer must be a dense layer that trains, it is layers.1 "
               "(relu). Take --model linear.");
  c.layers = nn::parse_model("layers = [{ dense = 3 }, { dense = 2 }]", "m");
  expect_error([&] { train(c); }, Fault::usage,
               "--optimizer least_squares: only the last layer may have parameters that train, layers.0 "
               "(dense) has some. Take --model linear, or give it freeze = true.");
}

}  // namespace
}  // namespace gradus::train
