#include "app/board/worker.h"

#include <gtest/gtest.h>

#include <future>

namespace gradus::board {
namespace {

TEST(Worker, WorksInOrderAndRefusesWhenFull) {
  std::promise<void> begun, go_on;
  std::vector<int> done;
  {
    Worker worker(2);
    worker.post([&] {
      begun.set_value();
      go_on.get_future().wait();
      done.push_back(0);
    });
    begun.get_future().wait();
    std::promise<void> last;
    EXPECT_TRUE(worker.post([&] { done.push_back(1); }));
    EXPECT_TRUE(worker.post([&] { last.set_value(); }));
    EXPECT_FALSE(worker.post([&] { done.push_back(3); }));
    go_on.set_value();
    last.get_future().wait();
  }
  EXPECT_EQ(done, (std::vector<int>{0, 1}));
}

}  // namespace
}  // namespace gradus::board
