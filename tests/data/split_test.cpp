#include <gtest/gtest.h>

#include <algorithm>

#include "data/files.h"
#include "support/expect_error.h"

namespace gradus::data {
namespace {

// Row i is (i), of class i % 2 for the first `mixed` rows and of class 0 then.
Dataset rows(std::int64_t count, std::int64_t mixed) {
  Tensor x(DType::f64, Shape{count, 1});
  Tensor y(DType::i64, Shape{count});
  for (std::int64_t i = 0; i < count; ++i) {
    x.set(i, static_cast<double>(i));
    y.set(i, static_cast<double>(i < mixed ? i % 2 : 0));
  }
  return from_arrays(x, y);
}

std::int64_t ones(const Dataset& data, const std::vector<std::int64_t>& part) {
  return std::count_if(part.begin(), part.end(), [&](std::int64_t row) { return data.y.at(row) == 1; });
}

TEST(Split, CutsDisjointSortedParts) {
  const Dataset data = rows(101, 101);
  const SplitRows parts = split_rows(data, {.val = 0.2, .test = 0.1, .seed = 3});
  EXPECT_EQ(parts.test.size(), 10u);
  EXPECT_EQ(parts.val.size(), 20u);
  std::vector<std::int64_t> all;
  for (const auto& part : {parts.train, parts.val, parts.test}) {
    EXPECT_TRUE(std::is_sorted(part.begin(), part.end()));
    all.insert(all.end(), part.begin(), part.end());
  }
  std::sort(all.begin(), all.end());
  ASSERT_EQ(all.size(), 101u);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], static_cast<std::int64_t>(i));
}

TEST(Split, KeepsTheSharesOfClasses) {
  const Dataset data = rows(100, 20);  // ten of class 1
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const SplitRows parts = split_rows(data, {.val = 0.3, .test = 0.1, .seed = seed});
    EXPECT_EQ(ones(data, parts.test), 1);
    EXPECT_EQ(ones(data, parts.val), 3);
  }
  std::int64_t least = 100;
  std::int64_t most = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::int64_t count =
        ones(data, split_rows(data, {.val = 0.3, .seed = seed, .stratify = false}).val);
    least = std::min(least, count);
    most = std::max(most, count);
  }
  EXPECT_LT(least, most) << "without stratification the share varies";
}

TEST(Split, IsAFunctionOfItsSeed) {
  const Dataset data = rows(50, 50);
  const SplitOptions options{.val = 0.2, .seed = 7};
  EXPECT_EQ(split_rows(data, options).val, split_rows(data, options).val);
  EXPECT_NE(split_rows(data, options).val, split_rows(data, {.val = 0.2, .seed = 8}).val);
  EXPECT_NE(split_rows(data, options).val, split_rows(data, {.test = 0.2, .seed = 7}).test);
}

TEST(Split, EveryRowIsHeldOutAboutEquallyOften) {
  const Dataset data = rows(20, 20);
  std::vector<int> held(20);
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    for (const std::int64_t row : split_rows(data, {.val = 0.25, .seed = seed}).val) {
      ++held[static_cast<std::size_t>(row)];
    }
  }
  // 500 expected, standard deviation 19.4: five of them either way.
  for (const int count : held) EXPECT_NEAR(count, 500, 97);
}

TEST(Split, CopiesRowsIntoDatasets) {
  const Splits parts = split(rows(10, 10), {.val = 0.2, .seed = 1});
  EXPECT_EQ(parts.train.size(), 8);
  EXPECT_EQ(parts.val->size(), 2);
  EXPECT_FALSE(parts.test.has_value());
  for (std::int64_t i = 0; i < 2; ++i) {
    EXPECT_EQ(parts.val->y.at(i), static_cast<int>(parts.val->x.at(i)) % 2) << "x and y stay together";
  }
  EXPECT_EQ(split(rows(10, 10), {}).train.size(), 10);
}

TEST(Split, RefusesEmptyParts) {
  const auto refused = [](const SplitOptions& options, const std::string& message) {
    expect_error([&] { split(rows(10, 10), options); }, Fault::data, "split: " + message);
  };
  refused({.val = 0.01}, "val=0.01 of 10 rows leaves the val part empty. Take a larger share.");
  refused({.test = 0.01}, "test=0.01 of 10 rows leaves the test part empty. Take a larger share.");
  refused({.val = 0.5, .test = 0.5},
          "val=0.5 and test=0.5 of 10 rows leave the training part empty. Take smaller shares.");
  refused({.val = 0.99},
          "val=0.99 and test=0 of 10 rows leave the training part empty. Take smaller shares.");
  refused({.val = -0.1}, "val must be a share from 0 to below 1, got -0.1.");
  refused({.test = 1.0}, "test must be a share from 0 to below 1, got 1.");
}

TEST(ClassWeights, AreBalanced) {
  Dataset data = rows(12, 6);  // nine of class 0, three of class 1
  EXPECT_EQ(balanced_class_weights(data), (Numbers{12.0 / (2 * 9), 2.0}));
  data.classes = 3;
  EXPECT_EQ(balanced_class_weights(data), (Numbers{12.0 / (3 * 9), 12.0 / (3 * 3), 0.0}));
}

TEST(Folds, AreDisjointAndKeepTheClassesShares) {
  const Dataset data = rows(103, 60);  // 30 of class 1
  std::vector<double> seen;
  for (std::int64_t i = 0; i < 5; ++i) {
    const Splits parts = split_fold(data, {.index = i, .count = 5, .seed = 3});
    EXPECT_NEAR(static_cast<double>(parts.val->size()), 103.0 / 5, 1);
    EXPECT_EQ(parts.val->size() + parts.train.size(), 103);
    std::int64_t of_class_1 = 0;
    for (std::int64_t k = 0; k < parts.val->size(); ++k) {
      seen.push_back(parts.val->x.at(k));
      of_class_1 += parts.val->y.values<std::int64_t>()[static_cast<std::size_t>(k)];
    }
    EXPECT_NEAR(static_cast<double>(of_class_1), 6, 1);
  }
  std::sort(seen.begin(), seen.end());
  ASSERT_EQ(seen.size(), 103u);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], static_cast<double>(i));
}

TEST(Folds, FollowTheSeedAndRefuseOtherParts) {
  const Dataset data = rows(20, 20);
  const auto first = [&](std::uint64_t seed) { return split_fold(data, {.count = 4, .seed = seed}).val->x; };
  EXPECT_TRUE(first(1).same_bits(first(1)));
  EXPECT_FALSE(first(1).same_bits(first(2)));
  expect_error([&] { split_fold(data, {.index = 4, .count = 4}); }, Fault::data,
               "fold: part 4 of 4 was asked for; parts are counted from 0, and there are at least 2.");
  expect_error([&] { split_fold(data, {.count = 21}); }, Fault::data,
               "fold: 21 parts of 20 rows leave some empty. Take fewer.");
}

}  // namespace
}  // namespace gradus::data
