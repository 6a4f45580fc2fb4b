// What any one client may cost the server.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace gradus::board {

struct Limits {
  std::uint32_t header_bytes = 16 * 1024;
  std::uint64_t body_bytes = 8 * 1024 * 1024;
  std::size_t connections = 256, streams = 64;     // streams are connections, too
  std::size_t stream_backlog_bytes = 1024 * 1024;  // of events not yet taken
  std::chrono::milliseconds read_timeout{10'000};  // of a whole request, and of waiting for the next one
  std::chrono::milliseconds write_timeout{10'000};
  std::chrono::milliseconds heartbeat{15'000};  // so that a stream's silence is not taken for its end
};

}  // namespace gradus::board
