// HTTP on one thread: accepts, bounds and times every connection, answers through a Router.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "app/board/checks.h"
#include "app/board/limits.h"
#include "app/board/router.h"

namespace gradus::board {

class Server {
 public:
  // Listens on `rules.host`; port 0 takes a free one. Error (Fault::usage): the host is none of this
  // machine's, the port is taken.
  Server(AccessRules rules, std::uint16_t port, const Router& router, const Limits& limits = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  // Serves until *stop; calls `tick` on this thread every 250 ms.
  void run(const std::atomic<bool>& stop, const std::function<void()>& tick = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gradus::board
