// Server-sent events: one connection that only sends, and groups of them.
#pragma once

#include <boost/beast/core/tcp_stream.hpp>
#include <memory>
#include <string_view>
#include <vector>

#include "app/board/connection.h"
#include "app/board/http.h"

namespace gradus::board {

// Sends the stream's header and hands it to response.stream.
void open_event_stream(boost::beast::tcp_stream stream, const Service& service, Response response);

// All pages that listen to one thing. On one thread only.
class Listeners {
 public:
  void add(std::shared_ptr<EventStream> stream) { streams_.push_back(std::move(stream)); }
  void send(std::string_view event, const Json& data);
  bool empty();  // after those that left were forgotten

 private:
  std::vector<std::shared_ptr<EventStream>> streams_;
};

}  // namespace gradus::board
