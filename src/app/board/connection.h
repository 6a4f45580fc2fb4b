// One client's connection: its requests one after the other, or an event stream.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "app/board/checks.h"
#include "app/board/limits.h"
#include "app/board/load.h"
#include "app/board/router.h"

namespace gradus::board {

// What all connections share; outlives them.
struct Service {
  const AccessRules& rules;
  const Router& router;
  const Limits& limits;
  Load& load;
};

// Reads and answers until the client leaves or a limit is passed. `full`: only says that the server is (503).
void serve_connection(boost::asio::ip::tcp::socket socket, const Service& service, bool full);

}  // namespace gradus::board
