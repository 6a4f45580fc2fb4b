#include "app/cli/stop.h"

#include <signal.h>
#include <unistd.h>

namespace gradus::cli {
namespace {

// A signal handler can reach nothing but globals.
std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void on_signal(int) {
  if (stop_requested.exchange(true)) ::_exit(kInterruptedExit);
}

void set_handler(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

StopOnSignal::StopOnSignal() {
  stop_requested = false;
  set_handler(on_signal);
}

StopOnSignal::~StopOnSignal() { set_handler(SIG_DFL); }

const std::atomic<bool>& StopOnSignal::flag() const { return stop_requested; }

}  // namespace gradus::cli
