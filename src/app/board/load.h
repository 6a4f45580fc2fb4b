// How many connections there are, and which of them could be spared.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <list>

namespace gradus::board {

class Load {
 public:
  // Counts one connection while it lives.
  class Slot {
   public:
    explicit Slot(std::atomic<std::size_t>& count) : count_(&count) { ++count; }
    ~Slot() { --*count_; }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

   private:
    std::atomic<std::size_t>* count_;
  };

  std::atomic<std::size_t> connections{0}, streams{0};

  // Connections that wait for a request, the oldest first; each closes itself when called, if it has not got
  // the first byte of one. On the server's thread only.
  std::list<std::function<bool()>> waiting;

  // Closes the oldest connection on which nothing goes on. False: there is none.
  bool close_oldest_idle() {
    for (auto& close : waiting) {
      if (close()) return true;
    }
    return false;
  }
};

}  // namespace gradus::board
