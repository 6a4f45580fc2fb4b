#include "app/board/playground_api.h"

#include <chrono>

#include "app/board/checks.h"
#include "base/check.h"

namespace gradus::board {
namespace {

constexpr std::size_t kMostSessions = 4;
constexpr auto kIdleLimit = std::chrono::minutes(3);
constexpr std::int64_t kMostStepsAtOnce = 10'000;

Json body_of(const Request& request) {
  if (request.body.empty()) return Json::object();
  Json json = Json::parse(request.body, nullptr, false);
  require(Fault::usage, json.is_object(), "{}: a JSON object was needed.", request.path);
  return json;
}

std::optional<std::int64_t> example_of(const Json& json) {
  const auto found = json.find("example");
  if (found == json.end() || found->is_null()) return {};
  require(Fault::usage, found->is_number_unsigned(),
          "example: a whole number from 0, or null for the batch's mean, was needed.");
  return found->get<std::int64_t>();
}

std::optional<std::int64_t> example_of(const Request& request) {
  const std::string text = request.query_or("example", "mean");
  if (text == "mean") return {};
  return example_of(Json{{"example", Json::parse(text, nullptr, false)}});
}

double number_of(const Json& json, const char* key, double otherwise, double low, double high) {
  const auto found = json.find(key);
  if (found == json.end()) return otherwise;
  require(Fault::usage, found->is_number() && found->get<double>() >= low && found->get<double>() <= high,
          "{}: a number from {} to {} was needed.", key, low, high);
  return found->get<double>();
}

}  // namespace

PlaygroundSession& PlaygroundApi::session_of(const Request& request) {
  const auto found = sessions_.find(request.names.at("id"));
  if (found == sessions_.end())
    throw Refusal("no_session", "playground: there is no such session any more. Open the page again.");
  return *found->second;
}

void PlaygroundApi::open(const Request& request, const Reply& reply) {
  PlaygroundSettings settings = parse_playground(body_of(request));
  if (sessions_.size() >= kMostSessions) {
    // One that no page looks at makes room.
    auto oldest = sessions_.end();
    for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
      if (it->second->watched()) continue;
      if (oldest == sessions_.end() || it->second->idle() > oldest->second->idle()) oldest = it;
    }
    if (oldest == sessions_.end()) {
      reply(error_response(
          503, "playgrounds",
          "playground: " + std::to_string(kMostSessions) + " are open already. Close one of their pages."));
      return;
    }
    sessions_.erase(oldest);
  }
  const std::string id = make_token();
  auto& session = sessions_[id] = std::make_unique<PlaygroundSession>();
  session->set(std::move(settings), reply, id);
}

void PlaygroundApi::add_routes(Router& router) {
  router.add("GET", "/api/playground", [](const Request&) { return json_response(playground_choices()); });
  router.add("POST", "/api/playground",
             Handler([this](const Request& request, const Reply& reply) { open(request, reply); }));
  const auto add = [&](const char* method, const std::string& what, auto action) {
    router.add(method, "/api/playground/{id}" + what,
               Handler([this, action](const Request& request, const Reply& reply) {
                 action(session_of(request), request, reply);
               }));
  };
  add("POST", "/settings", [](PlaygroundSession& session, const Request& request, const Reply& reply) {
    session.set(parse_playground(body_of(request)), reply, request.names.at("id"));
  });
  add("POST", "/play", [](PlaygroundSession& session, const Request& request, const Reply& reply) {
    session.play(number_of(body_of(request), "steps_per_second", 0, 0, 1e6), reply);
  });
  add("POST", "/pause",
      [](PlaygroundSession& session, const Request&, const Reply& reply) { session.pause(reply); });
  add("POST", "/step", [](PlaygroundSession& session, const Request& request, const Reply& reply) {
    session.step(static_cast<std::int64_t>(number_of(body_of(request), "steps", 1, 1, kMostStepsAtOnce)),
                 reply);
  });
  add("POST", "/example", [](PlaygroundSession& session, const Request& request, const Reply& reply) {
    session.choose(example_of(body_of(request)), reply);
  });
  add("GET", "", [](PlaygroundSession& session, const Request& request, const Reply& reply) {
    session.state(example_of(request), reply);
  });
  add("GET", "/setup",
      [](PlaygroundSession& session, const Request&, const Reply& reply) { session.setup(reply); });
  add("GET", "/phases", [](PlaygroundSession& session, const Request& request, const Reply& reply) {
    session.phases(example_of(request), reply);
  });
  router.add("GET", "/api/playground/{id}/events", [this](const Request& request) {
    session_of(request);
    Response response;
    response.stream = [this, id = request.names.at("id")](std::shared_ptr<EventStream> stream) {
      const auto found = sessions_.find(id);
      if (found != sessions_.end()) found->second->listen(std::move(stream));
    };
    return response;
  });
  router.add("POST", "/api/playground/{id}/close", [this](const Request& request) {
    session_of(request);
    sessions_.erase(request.names.at("id"));
    return json_response(Json::object());
  });
}

void PlaygroundApi::tick() {
  std::erase_if(sessions_, [](const auto& entry) {
    return !entry.second->watched() && entry.second->idle() > kIdleLimit;
  });
  for (const auto& [id, session] : sessions_) session->tick();
}

}  // namespace gradus::board
