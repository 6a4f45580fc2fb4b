// What a run is ordered to do, from its own process or through control.jsonl in its folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <vector>

#include "gradus/control.h"

namespace gradus::train {

class Orders {
 public:
  using Clock = std::chrono::steady_clock;

  // control: of this process; may be null.
  explicit Orders(Control* control) : control_(control) {}

  // From now on also what is appended to DIR/control.jsonl; what stands there already was for an earlier run.
  void watch(const std::filesystem::path& dir);

  // The next order, if there is one. Looks at the file at most every 50 ms: one stat; nothing is allocated
  // where nothing is new.
  std::optional<Order> next();
  // Until an order may have come, at most 50 ms.
  void wait() const;
  // Whether somebody asked for live.jsonl within the last ten seconds, as of the last look at the file.
  bool asked_for_live() const { return asked_for_live_; }

 private:
  void look();
  void read_from_file();

  Control* control_;
  std::filesystem::path file_;
  std::uint64_t read_ = 0;  // bytes of it
  bool asked_for_live_ = false;
  Clock::time_point looked_;
  std::deque<Order> waiting_;
};

}  // namespace gradus::train
