// From method and path to a handler.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/board/http.h"

namespace gradus::board {

// Answers with what `action` makes: 400 for an Error that it throws, 500 for anything else it throws.
void reply_with(const Reply& reply, const std::function<Response()>& action);

class Router {
 public:
  // pattern: "/api/runs/{name}/history"; a {part} takes one part of the path, never an empty one, and ends up
  // in Request::names.
  void add(std::string method, std::string_view pattern, Handler handler);
  // For handlers that answer at once.
  void add(std::string method, std::string_view pattern, std::function<Response(const Request&)> handler);

  // Answers through `reply`: 404 for unknown paths, 405 with Allow for other methods, 400 for an Error that
  // the handler throws, 500 for anything else it throws. HEAD is taken as GET.
  void route(Request& request, const Reply& reply) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> parts;
    Handler handler;
  };
  std::vector<Route> routes_;
};

}  // namespace gradus::board
