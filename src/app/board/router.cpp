#include "app/board/router.h"

#include <exception>

#include "gradus/error.h"

namespace gradus::board {
namespace {

// "/a/b" -> {"a", "b"}; "/a/" -> {"a", ""}.
std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts;
  if (!path.empty()) path.remove_prefix(1);
  while (true) {
    const std::size_t end = path.find('/');
    parts.emplace_back(path.substr(0, end));
    if (end == std::string_view::npos) return parts;
    path.remove_prefix(end + 1);
  }
}

bool is_name(const std::string& part) { return part.size() > 2 && part.front() == '{'; }

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& parts) {
  if (pattern.size() != parts.size()) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (is_name(pattern[i]) ? parts[i].empty() : pattern[i] != parts[i]) return false;
  }
  return true;
}

Response refusal_of(std::exception_ptr problem) {
  try {
    std::rethrow_exception(std::move(problem));
  } catch (const Refusal& refusal) {
    return error_response(400, refusal.code(), refusal.what());
  } catch (const Error& error) {
    return error_response(error);
  } catch (const std::exception& error) {
    return error_response(500, "internal", error.what());
  }
}

}  // namespace

void reply_with(const Reply& reply, const std::function<Response()>& action) {
  Response response;
  try {
    response = action();
  } catch (...) {
    response = refusal_of(std::current_exception());
  }
  reply(std::move(response));
}

void Router::add(std::string method, std::string_view pattern, Handler handler) {
  routes_.push_back({std::move(method), split_path(pattern), std::move(handler)});
}

void Router::add(std::string method, std::string_view pattern,
                 std::function<Response(const Request&)> handler) {
  add(std::move(method), pattern,
      Handler([handler = std::move(handler)](const Request& request, const Reply& reply) {
        reply(handler(request));
      }));
}

void Router::route(Request& request, const Reply& reply) const {
  // A name may hold an escaped '/': parts are told apart before they are decoded.
  const std::vector<std::string> parts = split_path(request.raw_path);
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  std::string allowed;
  for (const Route& route : routes_) {
    std::vector<std::string> decoded(parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) percent_decode(parts[i], decoded[i]);
    if (!matches(route.parts, decoded)) continue;
    if (route.method != method) {
      allowed += (allowed.empty() ? "" : ", ") + route.method;
      continue;
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::string& part = route.parts[i];
      if (is_name(part)) request.names[part.substr(1, part.size() - 2)] = decoded[i];
    }
    try {
      route.handler(request, reply);
    } catch (...) {
      reply(refusal_of(std::current_exception()));
    }
    return;
  }
  if (allowed.empty())
    return reply(error_response(404, "no_page", request.path + ": there is nothing here."));
  Response response = error_response(
      405, "method", request.method + " " + request.path + ": the method must be " + allowed + ".");
  response.headers.emplace_back("Allow", allowed);
  reply(std::move(response));
}

}  // namespace gradus::board
