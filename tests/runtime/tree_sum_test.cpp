#include "runtime/tree_sum.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/thread_ranks.h"

namespace gradus {
namespace {

float value(int rank, std::size_t i) {
  return 1.0f / static_cast<float>(1 + rank * 7919 + static_cast<int>(i));
}

float sum_of(int first, int count, std::size_t i) {
  if (count == 1) return value(first, i);
  return sum_of(first, count / 2, i) + sum_of(first + count / 2, count / 2, i);
}

// Vectors that are sent whole, and in halves that cannot be equal.
TEST(TreeSum, AddsInTheOrderOfTheTree) {
  for (const int size : {1, 2, 4, 8}) {
    for (const std::size_t n : {0u, 1u, 5u, 1023u, 1024u, 4099u}) {
      run_ranks(size, [&](Communicator& ranks) {
        std::vector<float> values(n), scratch(n);
        for (std::size_t i = 0; i < n; ++i) values[i] = value(ranks.rank(), i);
        tree_sum<float>(ranks, values, scratch);
        for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(values[i], sum_of(0, size, i)) << size << " " << i;
      });
    }
  }
}

}  // namespace
}  // namespace gradus
