// One thread for heavy work, so that the server's own never waits.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace gradus::board {

// Runs tasks one after the other. A task must not throw. The destructor waits for the running one and drops
// the rest.
class Worker {
 public:
  explicit Worker(std::size_t most_waiting = 64);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // False: too many tasks wait already.
  bool post(std::function<void()> task);

 private:
  void work();

  std::size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace gradus::board
