#include "app/board/playground_api.h"

#include <gtest/gtest.h>

#include <future>

namespace gradus::board {
namespace {

class Asked {
 public:
  Asked() { api_.add_routes(router_); }

  Response ask(const std::string& method, const std::string& target, const Json& body = {}) {
    Request request;
    request.method = method;
    EXPECT_TRUE(split_target(target, request)) << target;
    if (!body.is_null()) request.body = body.dump();
    std::promise<Response> answered;
    router_.route(request, [&](Response response) { answered.set_value(std::move(response)); });
    return answered.get_future().get();
  }
  Json get(const std::string& target) { return json_of(ask("GET", target)); }
  Json post(const std::string& target, const Json& body) { return json_of(ask("POST", target, body)); }
  std::string open(const Json& settings) {
    return "/api/playground/" + post("/api/playground", settings).at("id").get<std::string>();
  }

 private:
  static Json json_of(const Response& response) {
    EXPECT_EQ(response.status, 200) << response.body;
    return Json::parse(response.body);
  }
  PlaygroundApi api_;
  Router router_;
};

const Json kSettings = {{"examples", 60}, {"hidden", {4}}, {"batch_size", 8}};

TEST(PlaygroundApi, TheNumbersAreTheEnginesInFull) {
  Asked asked;
  const std::string session = asked.open(kSettings);
  EXPECT_EQ(asked.post(session + "/step", {{"steps", 30}}).at("step"), 30);
  PlaygroundEngine engine(parse_playground(kSettings));
  for (int i = 0; i < 30; ++i) engine.step();
  EXPECT_EQ(asked.get(session + "?example=3"),
            Json::parse(playground_state(engine, 3, Numbers::plain).dump()));
  EXPECT_EQ(asked.get(session + "/phases?example=3"), Json::parse(playground_phases(engine, 3).dump()));
  EXPECT_EQ(asked.get(session + "/setup"), Json::parse(playground_setup(engine).dump()));
}

TEST(PlaygroundApi, ItPlaysUntilItIsPaused) {
  Asked asked;
  const std::string session = asked.open(kSettings);
  EXPECT_EQ(asked.post(session + "/play", {{"steps_per_second", 0}}).at("playing"), true);
  const auto step = [&] { return asked.get(session).at("step").get<std::int64_t>(); };
  while (step() < 3) {
  }
  EXPECT_EQ(asked.post(session + "/pause", Json::object()).at("playing"), false);
  const std::int64_t paused = step();
  EXPECT_EQ(asked.post(session + "/step", Json::object()).at("step"), paused + 1);
  EXPECT_EQ(step(), paused + 1);
}

TEST(PlaygroundApi, RefusedSettingsLeaveTheOldOnes) {
  Asked asked;
  const std::string session = asked.open(kSettings);
  asked.post(session + "/step", {{"steps", 2}});
  EXPECT_EQ(asked.ask("POST", session + "/settings", {{"optimizer", "admm"}}).status, 400);
  EXPECT_EQ(asked.get(session).at("step"), 2);
  asked.post(session + "/settings", kSettings);
  EXPECT_EQ(asked.get(session).at("step"), 0);
}

TEST(PlaygroundApi, WhatMakesNoSenseIsRefused) {
  Asked asked;
  const std::string session = asked.open(kSettings);
  EXPECT_EQ(asked.ask("POST", session + "/step", {{"steps", 10'001}}).status, 400);
  EXPECT_EQ(asked.ask("POST", session + "/step", {{"steps", "many"}}).status, 400);
  EXPECT_EQ(asked.ask("POST", session + "/example", {{"example", -1}}).status, 400);
  EXPECT_EQ(asked.ask("GET", session + "?example=first").status, 400);
  EXPECT_EQ(asked.ask("POST", "/api/playground", Json::array()).status, 400);
  EXPECT_EQ(asked.ask("GET", "/api/playground/none").status, 400);
}

TEST(PlaygroundApi, AFifthSessionTakesTheOldestOnesPlace) {
  Asked asked;
  std::vector<std::string> sessions;
  for (int i = 0; i < 5; ++i) sessions.push_back(asked.open(kSettings));
  EXPECT_EQ(asked.ask("GET", sessions[0]).status, 400);
  for (int i = 1; i < 5; ++i) EXPECT_EQ(asked.ask("GET", sessions[static_cast<std::size_t>(i)]).status, 200);
  EXPECT_EQ(asked.ask("POST", sessions[1] + "/close", Json::object()).status, 200);
  EXPECT_EQ(asked.ask("GET", sessions[1]).status, 400);
}

// A page that listens gets the same numbers, packed.
TEST(PlaygroundApi, ListenersAreTold) {
  class Heard : public EventStream {
   public:
    void send(std::string_view event, const Json& data) override {
      if (!std::exchange(told_, true)) first.set_value({{"event", event}, {"data", data}});
    }
    bool closed() const override { return false; }
    std::promise<Json> first;

   private:
    bool told_ = false;
  };
  Asked asked;
  const std::string session = asked.open(kSettings);
  const auto heard = std::make_shared<Heard>();
  asked.ask("GET", session + "/events").stream(heard);
  const Json first = heard->first.get_future().get();
  EXPECT_EQ(first.at("event"), "state");
  EXPECT_EQ(first.at("data").at("step"), 0);
  PlaygroundEngine engine(parse_playground(kSettings));
  EXPECT_EQ(first.at("data").at("weights"), playground_state(engine, {}, Numbers::packed).at("weights"));
}

}  // namespace
}  // namespace gradus::board
