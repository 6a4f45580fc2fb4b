#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <set>

#include "data/files.h"
#include "support/expect_error.h"

namespace gradus::data {
namespace {

constexpr double kPi = std::numbers::pi;

double column_mean(const Tensor& x, std::int64_t column) {
  double sum = 0.0;
  for (std::int64_t i = 0; i < x.shape()[0]; ++i) sum += x.at(i * x.shape()[1] + column);
  return sum / static_cast<double>(x.shape()[0]);
}

double column_variance(const Tensor& x, std::int64_t column) {
  const double mean = column_mean(x, column);
  double sum = 0.0;
  for (std::int64_t i = 0; i < x.shape()[0]; ++i) {
    const double deviation = x.at(i * x.shape()[1] + column) - mean;
    sum += deviation * deviation;
  }
  return sum / static_cast<double>(x.shape()[0]);
}

std::vector<std::int64_t> class_counts(const Dataset& data) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(data.classes));
  for (const double label : list(data.y)) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

using Counts = std::vector<std::int64_t>;

TEST(Generators, AreFunctionsOfTheirSeed) {
  EXPECT_TRUE(make_classification({.seed = 3}).x.same_bits(make_classification({.seed = 3}).x));
  EXPECT_FALSE(make_classification({.seed = 3}).x.same_bits(make_classification({.seed = 4}).x));
  EXPECT_TRUE(make_regression({.seed = 3}).y.same_bits(make_regression({.seed = 3}).y));
  EXPECT_FALSE(make_regression({.seed = 3}).y.same_bits(make_regression({.seed = 4}).y));
}

TEST(Generators, HaveTheDefaultsOfScikitLearn) {
  EXPECT_EQ(make_classification().x.type(), (Type{DType::f64, Shape{100, 20}}));
  EXPECT_EQ(make_moons().x.type(), (Type{DType::f64, Shape{100, 2}}));
  EXPECT_EQ(make_circles().x.shape(), (Shape{100, 2}));
  EXPECT_EQ(make_blobs().x.shape(), (Shape{100, 2}));
  EXPECT_EQ(class_counts(make_blobs()), (Counts{34, 33, 33}));
  EXPECT_EQ(make_regression().x.shape(), (Shape{100, 100}));
  EXPECT_EQ(make_regression().y.type(), (Type{DType::f64, Shape{100}}));
  EXPECT_EQ(make_regression().kind, Kind::real);
}

TEST(Moons, LieOnTwoHalfCircles) {
  const Dataset data = make_moons({.n_samples = {7}, .shuffle = false});
  EXPECT_EQ(class_counts(data), (Counts{3, 4}));
  EXPECT_NEAR(data.x.at(0), 1, 1e-15);
  EXPECT_NEAR(data.x.at(2), 0, 1e-15);
  EXPECT_NEAR(data.x.at(3), 1, 1e-15);
  EXPECT_NEAR(data.x.at(4), -1, 1e-15);
  EXPECT_NEAR(data.x.at(6), 0, 1e-15);
  EXPECT_NEAR(data.x.at(7), 0.5, 1e-15);
  EXPECT_NEAR(data.x.at(12), 2, 1e-15);
  EXPECT_NEAR(data.x.at(13), 0.5, 1e-15);
  EXPECT_EQ(class_counts(make_moons({.n_samples = {5, 2}})), (Counts{5, 2}));
}

TEST(Moons, TakeNoise) {
  const Dataset data = make_moons({.n_samples = {20000}, .shuffle = false, .noise = 0.3, .seed = 1});
  const Dataset clean = make_moons({.n_samples = {20000}, .shuffle = false});
  Tensor noise = data.x.clone();
  for (std::int64_t i = 0; i < noise.size(); ++i) noise.set(i, noise.at(i) - clean.x.at(i));
  // Five standard errors: 0.3 / sqrt(20000) of the mean, 0.09 sqrt(2 / 20000) of the variance.
  EXPECT_NEAR(column_mean(noise, 0), 0, 0.011);
  EXPECT_NEAR(column_variance(noise, 0), 0.09, 0.0045);
  EXPECT_NEAR(column_variance(noise, 1), 0.09, 0.0045);
}

TEST(Circles, HaveTheirRadii) {
  const Dataset data = make_circles({.n_samples = {9}, .factor = 0.5, .seed = 2});
  EXPECT_EQ(class_counts(data), (Counts{4, 5}));
  for (std::int64_t i = 0; i < 9; ++i) {
    EXPECT_NEAR(std::hypot(data.x.at(2 * i), data.x.at(2 * i + 1)), data.y.at(i) == 0 ? 1.0 : 0.5, 1e-15);
  }
}

TEST(Blobs, SpreadAboutTheirCenters) {
  const Dataset data =
      make_blobs({.n_samples = {30000, 30000}, .cluster_std = {1.0, 0.2}, .shuffle = false, .seed = 5});
  std::vector<std::int64_t> first(30000);
  std::vector<std::int64_t> second(30000);
  for (std::int64_t i = 0; i < 30000; ++i) {
    first[static_cast<std::size_t>(i)] = i;
    second[static_cast<std::size_t>(i)] = 30000 + i;
  }
  const double error = 5 * std::sqrt(2.0 / 30000);
  for (std::int64_t column = 0; column < 2; ++column) {
    EXPECT_NEAR(column_variance(data.subset(first).x, column), 1.0, error);
    EXPECT_NEAR(column_variance(data.subset(second).x, column), 0.04, 0.04 * error);
    EXPECT_LT(std::abs(column_mean(data.subset(first).x, column)), 10.1);
  }
  EXPECT_GT(std::abs(column_mean(data.subset(first).x, 0) - column_mean(data.subset(second).x, 0)), 0.01);
}

TEST(Classification, BalancesClassesAndFlipsLabels) {
  EXPECT_EQ(class_counts(make_classification({.n_samples = 1000, .flip_y = 0.0})), (Counts{500, 500}));
  EXPECT_EQ(class_counts(make_classification({.n_samples = 1000, .weights = {0.9}, .flip_y = 0.0})),
            (Counts{901, 99}))
      << "1 - 0.9 is a little below 0.1, as in scikit-learn";
  // A tenth of the 10,000 labels of one class is drawn anew, half of these become the other class.
  const Counts flipped =
      class_counts(make_classification({.n_samples = 10000, .weights = {1.0, 0.0}, .flip_y = 0.1}));
  EXPECT_NEAR(static_cast<double>(flipped[1]), 500, 5 * std::sqrt(500.0));
}

TEST(Classification, PlacesClustersOnAHypercube) {
  // The covariance within a cluster is random, so the mean over many seeds is what is known.
  double distance = 0.0;
  double variance = 0.0;
  constexpr int seeds = 200;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const Dataset data = make_classification({.n_samples = 200,
                                              .n_features = 3,
                                              .n_informative = 2,
                                              .n_redundant = 0,
                                              .n_clusters_per_class = 1,
                                              .flip_y = 0.0,
                                              .class_sep = 3.0,
                                              .shuffle = false,
                                              .seed = seed});
    std::vector<std::int64_t> first(100);
    for (std::int64_t i = 0; i < 100; ++i) first[static_cast<std::size_t>(i)] = i;
    const Tensor x = data.subset(first).x;
    distance += (std::abs(column_mean(x, 0)) + std::abs(column_mean(x, 1))) / 2 / seeds;
    variance += (column_variance(x, 0) + column_variance(x, 1)) / 2 / seeds;
    EXPECT_NEAR(column_variance(data.x, 2), 1.0, 0.6) << "the useless feature is a standard normal";
  }
  EXPECT_NEAR(distance, 3.0, 0.05) << "vertices at +-class_sep";
  EXPECT_NEAR(variance, 2.0 / 3.0, 0.12) << "two uniform(-1, 1) factors of variance 1/3";
}

TEST(Classification, RepeatsAndCombinesFeatures) {
  const Dataset data = make_classification({.n_samples = 50,
                                            .n_features = 6,
                                            .n_informative = 2,
                                            .n_redundant = 1,
                                            .n_repeated = 3,
                                            .shuffle = false});
  for (std::int64_t repeated = 3; repeated < 6; ++repeated) {
    bool found = false;
    for (std::int64_t original = 0; original < 3; ++original) {
      bool equal = true;
      for (std::int64_t i = 0; i < 50; ++i)
        equal &= data.x.at(6 * i + repeated) == data.x.at(6 * i + original);
      found |= equal;
    }
    EXPECT_TRUE(found) << repeated;
  }
  // Column 2 = b0 column 0 + b1 column 1: the same two numbers solve all rows.
  const auto at = [&](std::int64_t row, std::int64_t column) { return data.x.at(6 * row + column); };
  const double det = at(0, 0) * at(1, 1) - at(0, 1) * at(1, 0);
  const double b0 = (at(0, 2) * at(1, 1) - at(0, 1) * at(1, 2)) / det;
  const double b1 = (at(0, 0) * at(1, 2) - at(0, 2) * at(1, 0)) / det;
  for (std::int64_t i = 2; i < 50; ++i) EXPECT_NEAR(at(i, 2), b0 * at(i, 0) + b1 * at(i, 1), 1e-9);
}

TEST(Classification, ShiftsAndScales) {
  const Dataset plain = make_classification({.shuffle = false});
  const Dataset moved = make_classification({.shift = 2.0, .scale = 3.0, .shuffle = false});
  for (std::int64_t i = 0; i < plain.x.size(); ++i)
    EXPECT_DOUBLE_EQ(moved.x.at(i), (plain.x.at(i) + 2.0) * 3.0);
  const Dataset drawn = make_classification({.scale = std::nullopt, .shuffle = false});
  std::set<double> scales;
  for (std::int64_t j = 0; j < 20; ++j) {
    const double scale = drawn.x.at(j) / plain.x.at(j);
    EXPECT_GE(scale, 1.0 - 1e-12);
    EXPECT_LE(scale, 101.0);
    scales.insert(scale);
  }
  EXPECT_EQ(scales.size(), 20u);
}

TEST(Regression, IsALinearModel) {
  const Dataset data = make_regression({.n_samples = 50,
                                        .n_features = 3,
                                        .n_informative = 1,
                                        .n_targets = 2,
                                        .bias = 7.0,
                                        .shuffle = false,
                                        .seed = 1});
  EXPECT_EQ(data.y.shape(), (Shape{50, 2}));
  for (std::int64_t target = 0; target < 2; ++target) {
    const double coefficient = (data.y.at(target) - 7.0) / data.x.at(0);
    EXPECT_GT(coefficient, 0.0);
    EXPECT_LT(coefficient, 100.0);
    for (std::int64_t i = 0; i < 50; ++i) {
      EXPECT_NEAR(data.y.at(2 * i + target), 7.0 + coefficient * data.x.at(3 * i), 1e-9);
    }
  }
}

TEST(Regression, HasALowRank) {
  const Dataset data =
      make_regression({.n_samples = 40, .n_features = 12, .effective_rank = 3, .tail_strength = 0.25});
  // The squared singular values sum to the squared elements.
  double expected = 0.0;
  for (int k = 0; k < 12; ++k) {
    const double s = 0.75 * std::exp(-(k / 3.0) * (k / 3.0)) + 0.25 * std::exp(-0.1 * k / 3.0);
    expected += s * s;
  }
  double sum = 0.0;
  for (const double value : list(data.x)) sum += value * value;
  EXPECT_NEAR(sum, expected, 1e-10);
}

TEST(Spirals, TurnAtAnEvenPace) {
  const Dataset data = spirals({.n_samples = 7, .n_classes = 3, .turns = 0.5, .shuffle = false});
  EXPECT_EQ(class_counts(data), (Counts{3, 2, 2}));
  EXPECT_NEAR(data.x.at(0), std::cos(kPi / 3) / 3, 1e-15);
  EXPECT_NEAR(data.x.at(4), -1, 1e-15) << "the first arm ends after half a turn";
  EXPECT_NEAR(data.x.at(5), 0, 1e-15);
}

TEST(Symmetry, HoldsAllPatternsOnce) {
  const Dataset data = symmetry();
  EXPECT_EQ(data.x.shape(), (Shape{64, 6}));
  EXPECT_EQ(class_counts(data), (Counts{56, 8}));
  std::set<Numbers> patterns;
  for (std::int64_t i = 0; i < 64; ++i) {
    Numbers bits;
    for (std::int64_t j = 0; j < 6; ++j) bits.push_back(data.x.at(6 * i + j));
    const bool mirrored = bits == Numbers(bits.rbegin(), bits.rend());
    EXPECT_EQ(data.y.at(i), mirrored ? 1 : 0);
    patterns.insert(bits);
  }
  EXPECT_EQ(patterns.size(), 64u);
  EXPECT_EQ(class_counts(symmetry({.n_samples = 128})), (Counts{112, 16}));
}

TEST(Generators, RefuseBadOptions) {
  const auto refused = [](auto&& make, const std::string& message) {
    expect_error(make, Fault::usage, message);
  };
  refused([] { make_moons({.n_samples = {0}}); }, "make_moons: n_samples must be 1 or more, got 0.");
  refused([] { make_moons({.n_samples = {-3}}); }, "make_moons: n_samples must be 1 or more, got -3.");
  refused(
      [] {
        make_moons({.n_samples = {1, 2, 3}});
      },
      "make_moons: n_samples must be one number or two, got 3.");
  refused([] { make_moons({.noise = -1}); },
          "make_moons: noise must be a finite number of 0 or more, got -1.");
  refused([] { make_circles({.factor = 1}); }, "make_circles: factor must lie in 0 to below 1, got 1.");
  refused([] { make_blobs({.n_samples = {2}, .centers = 3}); },
          "make_blobs: centers must be at most n_samples (2), got 3.");
  refused(
      [] {
        make_blobs({.cluster_std = {1, 2}});
      },
      "make_blobs: cluster_std needs one value or one for each of 3 centers, got 2.");
  refused([] { make_blobs({.center_low = 1, .center_high = 0}); },
          "make_blobs: center_box needs two finite numbers in ascending order, got 1 and 0.");
  refused(
      [] { make_classification({.n_features = 3}); },
      "make_classification: n_informative (2), n_redundant (2) and n_repeated (0) together must be at most "
      "n_features (3).");
  refused([] { make_classification({.n_classes = 3}); },
          "make_classification: n_classes (3) times n_clusters_per_class (2) must be at most 2^n_informative "
          "(4).");
  refused(
      [] {
        make_classification({.weights = {0.1, 0.2, 0.7}});
      },
      "make_classification: weights needs 1 or 2 shares for 2 classes, got 3.");
  refused(
      [] {
        make_classification({.weights = {0.9, 0.9}});
      },
      "make_classification: weights must sum to at most 1, they sum to 1.8.");
  refused([] { make_classification({.n_samples = 1'000'000'000'000}); },
          "make_classification: n_samples times n_features must be at most 8589934592, got 1000000000000 "
          "times 20.");
  refused([] { make_regression({.n_targets = 0}); },
          "make_regression: n_targets must be 1 or more, n_informative and effective_rank 0 or more, got 0, "
          "10, 0.");
  refused([] { make_regression({.effective_rank = 2, .tail_strength = 2}); },
          "make_regression: tail_strength must lie in 0 to 1, got 2.");
  refused([] { spirals({.n_classes = 0}); }, "spirals: n_classes must lie in 1 to n_samples (100), got 0.");
  refused([] { symmetry({.n_samples = 0}); }, "symmetry: n_samples must be 1 or more, got 0.");
}

}  // namespace
}  // namespace gradus::data
