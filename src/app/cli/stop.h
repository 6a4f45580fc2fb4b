// Interrupts: the first asks a run to save and stop, the second ends the program.
#pragma once

#include <atomic>

namespace gradus::cli {

inline constexpr int kInterruptedExit = 130;

// While it lives, SIGINT and SIGTERM set the flag; when it is set already, they end the program at once with
// code 130. Only one may live at a time.
class StopOnSignal {
 public:
  StopOnSignal();
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  const std::atomic<bool>& flag() const;
};

}  // namespace gradus::cli
