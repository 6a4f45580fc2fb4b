#include "train/review.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "train/prepare.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

Prepared trained(const std::string& data, const std::string& layers) {
  RunConfig c = config_of({{"data", data}, {"epochs", "3"}, {"threads", "1"}, {"val_split", "0.2"}});
  c.layers = nn::parse_model(layers, "model.toml");
  std::optional<Prepared> kept;
  train(c, {.trained = [&](const Prepared& run, const TrainResult&) { kept = run; }});
  return *kept;
}

TEST(Review, AgreesWithTheRunsOwnScores) {
  const Prepared run =
      trained("make_moons:n_samples=200,noise=0.2", "layers = [{ dense = 8 }, \"relu\", { dense = 2 }]");
  const Review found = review(run);
  EXPECT_EQ(found.result.part, Part::val);
  EXPECT_EQ(found.examples, 40);
  EXPECT_EQ(found.result.scores.n, 40);
  std::int64_t right = 0, all = 0;
  for (std::size_t r = 0; r < 2; ++r)
    for (std::size_t c = 0; c < 2; ++c)
      all += found.result.confusion[r][c], right += r == c ? found.result.confusion[r][c] : 0;
  EXPECT_EQ(all, 40);
  EXPECT_DOUBLE_EQ(*found.result.scores.accuracy, static_cast<double>(right) / 40);
}

TEST(Review, MistakesAreTheLargestLosses) {
  const Prepared run =
      trained("make_moons:n_samples=200,noise=0.2", "layers = [{ dense = 8 }, \"relu\", { dense = 2 }]");
  const Review all = review(run, {.mistakes = 40}), few = review(run, {.mistakes = 5});
  ASSERT_EQ(all.mistakes.size(), 40u);
  double sum = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    const Mistake& m = all.mistakes[i];
    sum += m.loss;
    EXPECT_LE(m.loss, all.mistakes[i > 0 ? i - 1 : 0].loss);
    EXPECT_EQ(m.right, m.truth == m.predicted);
    EXPECT_GE(*m.probability, 0.5);
    EXPECT_NEAR(m.loss, m.right ? -std::log(*m.probability) : -std::log1p(-*m.probability), 1e-4);
    EXPECT_EQ(m.x.at(0), run.parts.val->x.at(2 * m.row));
  }
  EXPECT_NEAR(sum / 40, all.result.scores.loss, 1e-5);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(few.mistakes[i].row, all.mistakes[i].row);
}

TEST(Review, LooksAtNoMoreThanItIsAllowed) {
  const Prepared run = trained("make_moons:n_samples=200", "layers = [{ dense = 2 }]");
  const Review found = review(run, {.examples = 10, .batch_size = 16});
  EXPECT_EQ(found.examples, 10);
  EXPECT_EQ(found.all, 40);
  EXPECT_EQ(found.gradient_batch, 16);
  for (const Mistake& m : found.mistakes) EXPECT_EQ(m.row % 4, 0) << "evenly chosen";
}

TEST(Review, LooksAtFewerExamplesOfLargeNetworks) {
  const Prepared run = trained("make_moons:n_samples=2000", "layers = [{ dense = 2 }]");
  EXPECT_EQ(review(run).examples, 400);
  const Review found = review(run, {.flops = 2 * 2 * 2 * 300});
  EXPECT_EQ(found.examples, 256);
  EXPECT_EQ(found.gradient_batch, 96);
  const Review least = review(run, {.flops = 1});
  EXPECT_EQ(least.examples, 256);
  EXPECT_EQ(least.gradient_batch, 16);
}

TEST(Review, RegressionsHavePointsAndNoClasses) {
  const Prepared run =
      trained("make_regression:n_samples=60,n_features=3,n_informative=3", "layers = [{ dense = 1 }]");
  const Review found = review(run, {.points = 7});
  EXPECT_FALSE(found.result.report);
  EXPECT_EQ(found.points.size(), 7u);
  EXPECT_FALSE(found.mistakes[0].probability);
  const double residual = found.points[0].first - found.points[0].second;
  EXPECT_TRUE(std::any_of(found.mistakes.begin(), found.mistakes.end(), [&](const Mistake& m) {
    return m.row == 0 && std::abs(m.loss - residual * residual) < 1e-3 * m.loss;
  }));
}

TEST(Review, ChangesNoVariable) {
  const Prepared run = trained("make_moons:n_samples=100",
                               "layers = [{ dense = 4 }, \"batch_norm\", \"relu\", { dense = 2 }]");
  std::vector<Tensor> before;
  for (const Variable& v : run.model.network.variables()) before.push_back(v.value().clone());
  const Review found = review(run);
  std::size_t i = 0;
  for (const Variable& v : run.model.network.variables())
    EXPECT_TRUE(v.value().same_bits(before[i++])) << v.name();
  ASSERT_EQ(found.parameters.size(), run.model.network.parameters().size());
  EXPECT_GT(found.parameters[0].gradients.norm, 0);
  EXPECT_EQ(found.parameters[0].shape, (Shape{4, 2}));
}

TEST(Histogram, CountsEqualParts) {
  const Histogram h = histogram_of(Tensor::of<float>(Shape{6}, {0, 1, 2, 3, 4, NAN}), 4);
  EXPECT_EQ(h.counts, (std::vector<std::int64_t>{1, 1, 1, 2}));
  EXPECT_EQ(h.not_finite, 1);
  EXPECT_DOUBLE_EQ(h.mean, 2);
  EXPECT_DOUBLE_EQ(h.std, std::sqrt(2));
  EXPECT_DOUBLE_EQ(h.norm, std::sqrt(30));
  EXPECT_TRUE(histogram_of(Tensor::of<float>(Shape{1}, {INFINITY}), 4).counts.empty());
  EXPECT_EQ(histogram_of(Tensor::of<float>(Shape{2}, {3, 3}), 2).counts, (std::vector<std::int64_t>{2, 0}));
}

}  // namespace
}  // namespace gradus::train
