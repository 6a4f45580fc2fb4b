#include "base/philox.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <vector>

#include "base/streams.h"

namespace gradus {
namespace {

using Words = std::array<std::uint32_t, 4>;

// The three vectors "philox4x32 10" of kat_vectors in the Random123 distribution. Its counter words are, in
// our terms: low half of block, low half of step, stream, and the upper 16 bits of block and step.
TEST(Philox, MatchesTheKnownAnswers) {
  EXPECT_EQ(philox(0, 0, 0, 0), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox(0xffffffffffffffff, 0xffffffff, 0xffffffffffff, 0xffffffffffff),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox(0x299f31d0a4093822, 0x13198a2e, 0x037085a308d3, 0x7344243f6a88),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, EveryPartOfTheCounterAndKeyMatters) {
  const std::set<Words> distinct = {philox(0, 0, 0, 0),          philox(1, 0, 0, 0),
                                    philox(1ull << 32, 0, 0, 0), philox(0, 1, 0, 0),
                                    philox(0, 0, 1, 0),          philox(0, 0, 1ull << 32, 0),
                                    philox(0, 0, 0, 1),          philox(0, 0, 0, 1ull << 32),
                                    philox(0, 0, 1ull << 47, 0), philox(0, 0, 0, 1ull << 47)};
  EXPECT_EQ(distinct.size(), 10u);
}

TEST(RandomSequence, ElementsAreTheSameInAnyOrder) {
  const RandomSequence random(42, stream::kShuffle, 3);
  std::vector<double> forward, backward;
  for (std::uint64_t i = 0; i < 100; ++i) forward.push_back(random.uniform(i));
  for (std::uint64_t i = 100; i-- > 0;) backward.push_back(random.uniform(i));
  std::reverse(backward.begin(), backward.end());
  EXPECT_EQ(forward, backward);
  EXPECT_EQ(std::set<double>(forward.begin(), forward.end()).size(), 100u);
}

// Bounds below are five standard errors; the numbers are fixed, so a test that passes once passes always.
TEST(RandomSequence, UniformHasTheRightMomentsAndFillsItsRangeEvenly) {
  constexpr int kCount = 200'000, kBins = 100;
  const RandomSequence random(1, 2, 3);
  double sum = 0, squares = 0, neighbours = 0, before = 0.5;
  std::vector<int> bins(kBins);
  for (int i = 0; i < kCount; ++i) {
    const double u = random.uniform(static_cast<std::uint64_t>(i));
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    squares += u * u;
    neighbours += (u - 0.5) * (before - 0.5);
    before = u;
    ++bins[static_cast<std::size_t>(u * kBins)];
  }
  const double mean = sum / kCount;
  EXPECT_NEAR(mean, 0.5, 5 * std::sqrt(1.0 / 12 / kCount));
  EXPECT_NEAR(squares / kCount - mean * mean, 1.0 / 12, 5 * std::sqrt(1.0 / 180 / kCount));
  EXPECT_NEAR(neighbours / kCount, 0.0, 5 * (1.0 / 12) / std::sqrt(kCount));
  double chi_squared = 0;
  for (const int count : bins) chi_squared += std::pow(count - kCount / kBins, 2) / (kCount / kBins);
  EXPECT_NEAR(chi_squared, kBins - 1, 5 * std::sqrt(2.0 * (kBins - 1)));
}

TEST(RandomSequence, NormalHasTheRightMomentsAndDistribution) {
  constexpr int kCount = 200'000;
  const RandomSequence random(11, 12, 13);
  std::vector<double> values;
  double sum = 0, pairs = 0;
  for (int i = 0; i < kCount; ++i) values.push_back(random.normal(static_cast<std::uint64_t>(i)));
  for (const double z : values) sum += z;
  for (std::size_t i = 0; i < values.size(); i += 2) pairs += values[i] * values[i + 1];
  const double mean = sum / kCount;
  double second = 0, third = 0, fourth = 0;
  for (const double z : values) {
    const double d = z - mean;
    second += d * d / kCount, third += d * d * d / kCount, fourth += d * d * d * d / kCount;
  }
  EXPECT_NEAR(mean, 0.0, 5 / std::sqrt(kCount));
  EXPECT_NEAR(second, 1.0, 5 * std::sqrt(2.0 / kCount));
  EXPECT_NEAR(third, 0.0, 5 * std::sqrt(15.0 / kCount));
  EXPECT_NEAR(fourth, 3.0, 5 * std::sqrt(96.0 / kCount));
  EXPECT_NEAR(pairs / (kCount / 2.0), 0.0, 5 / std::sqrt(kCount / 2.0))
      << "the two halves of a block correlate";
  // Kolmogorov and Smirnov: 1.95 / sqrt(n) is exceeded once in a thousand.
  std::sort(values.begin(), values.end());
  double distance = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double expected = 0.5 * std::erfc(-values[i] / std::sqrt(2.0));
    distance = std::max(distance, std::abs(expected - (static_cast<double>(i) + 0.5) / kCount));
  }
  EXPECT_LT(distance, 1.95 / std::sqrt(kCount));
}

TEST(RandomSequence, BelowStaysBelowAndIsEven) {
  const RandomSequence random(5, 6, 7);
  constexpr int kCount = 70'000;
  std::vector<int> counts(7);
  for (int i = 0; i < kCount; ++i) {
    const std::uint64_t value = random.below(static_cast<std::uint64_t>(i), 7);
    ASSERT_LT(value, 7u);
    ++counts[value];
  }
  for (const int count : counts) EXPECT_NEAR(count, kCount / 7, 5 * std::sqrt(kCount / 7));
  EXPECT_EQ(random.below(0, 1), 0u);
  EXPECT_LT(random.below(0, ~0ull), ~0ull);
}

TEST(Permute, GivesPermutationsThatDifferByStep) {
  std::vector<std::int64_t> first(1000), again(1000), next(1000);
  permute(first, RandomSequence(1, stream::kShuffle, 0));
  permute(again, RandomSequence(1, stream::kShuffle, 0));
  permute(next, RandomSequence(1, stream::kShuffle, 1));
  EXPECT_EQ(first, again);
  EXPECT_NE(first, next);
  std::sort(next.begin(), next.end());
  std::vector<std::int64_t> identity(1000);
  std::iota(identity.begin(), identity.end(), 0);
  EXPECT_EQ(next, identity);
  EXPECT_NE(first, identity);
  std::vector<std::int64_t> empty, one(1, 9);
  permute(empty, RandomSequence(1, 1));
  permute(one, RandomSequence(1, 1));
  EXPECT_EQ(one[0], 0);
}

TEST(Permute, EveryOrderIsEquallyLikely) {
  constexpr int kCount = 24'000;
  std::map<std::vector<std::int64_t>, int> counts;
  for (int i = 0; i < kCount; ++i) {
    std::vector<std::int64_t> order(4);
    permute(order, RandomSequence(3, stream::kShuffle, static_cast<std::uint64_t>(i)));
    ++counts[order];
  }
  ASSERT_EQ(counts.size(), 24u);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, kCount / 24, 5 * std::sqrt(kCount / 24));
}

}  // namespace
}  // namespace gradus
