#include "base/parallel.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/denormals.h"

namespace gradus {
namespace {

TEST(ParallelFor, VisitsEveryElementOnceInPartsCutAtTheGrain) {
  for (const std::int64_t n : {0, 1, 5, 16, 17, 100, 1000}) {
    for (const std::int64_t grain : {1, 3, 16, 2000}) {
      for (const int threads : {1, 2, 3, 7}) {
        std::vector<std::atomic<int>> visits(static_cast<std::size_t>(n));
        std::vector<std::pair<std::int64_t, std::int64_t>> parts;
        std::mutex mutex;
        parallel_for(n, grain, threads, [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
          const std::lock_guard lock(mutex);
          parts.emplace_back(begin, end);
        });
        for (const auto& count : visits) ASSERT_EQ(count, 1) << "n " << n << " grain " << grain;
        EXPECT_LE(parts.size(), static_cast<std::size_t>(threads));
        for (const auto& [begin, end] : parts) {
          EXPECT_LT(begin, end);
          EXPECT_EQ(begin % grain, 0);
          EXPECT_TRUE(end == n || end % grain == 0) << "n " << n << " grain " << grain << " end " << end;
        }
      }
    }
  }
}

TEST(ParallelFor, PartsAreEqualUpToOneGrain) {
  std::vector<std::int64_t> sizes;
  std::mutex mutex;
  parallel_for(1000, 1, 3, [&](std::int64_t begin, std::int64_t end) {
    const std::lock_guard lock(mutex);
    sizes.push_back(end - begin);
  });
  ASSERT_EQ(sizes.size(), 3u);
  for (const std::int64_t size : sizes) EXPECT_TRUE(size == 333 || size == 334) << size;
}

TEST(ThreadScope, HoldsForItsLifeOnly) {
  const int before = omp_get_max_threads();
  {
    const ThreadScope scope(before + 3);
    EXPECT_EQ(omp_get_max_threads(), before + 3);
    {
      const ThreadScope inner(1);
      EXPECT_EQ(omp_get_max_threads(), 1);
    }
    EXPECT_EQ(omp_get_max_threads(), before + 3);
  }
  EXPECT_EQ(omp_get_max_threads(), before);
  EXPECT_GE(hardware_threads(), 1);
}

TEST(ParallelFor, ThreadsCalculateAsTheCallerDoes) {
  const FloatControl before = FloatControl::current();
  volatile float tiny = 1e-30F;
  {
    const FloatScope scope(before.flushing());
    for (const int threads : {1, 2, 3}) {
      parallel_for(threads, 1, threads,
                   [&](std::int64_t, std::int64_t) { EXPECT_EQ(tiny * tiny * 1e10F, 0); });
    }
  }
  EXPECT_EQ(FloatControl::current(), before);
  parallel_for(3, 1, 3, [&](std::int64_t, std::int64_t) { EXPECT_NE(tiny * 1e-12F, 0); });
}

TEST(Parallel, ThrowsTheFirstPartsFaultOnceAllWereTried) {
  for (const int threads : {1, 2, 4}) {
    std::atomic<int> tried = 0;
    try {
      parallel_for(4, 1, threads, [&](int part, std::int64_t, std::int64_t) {
        ++tried;
        throw std::runtime_error(std::to_string(part));
      });
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "0");
    }
    EXPECT_EQ(tried, threads);
  }
}

}  // namespace
}  // namespace gradus
