#include "app/board/router.h"

#include <gtest/gtest.h>

#include "gradus/error.h"

namespace gradus::board {
namespace {

Response answer(const Router& router, const char* method, const char* target) {
  Request request;
  request.method = method;
  EXPECT_TRUE(split_target(target, request)) << target;
  Response got;
  router.route(request, [&](Response response) { got = std::move(response); });
  return got;
}

Router router() {
  Router made;
  made.add("GET", "/api/runs/{name}", [](const Request& request) {
    return json_response({{"name", request.names.at("name")}});
  });
  made.add("POST", "/api/runs/{name}",
           [](const Request&) -> Response { throw Error("bad word", Fault::usage); });
  made.add("GET", "/broken", [](const Request&) -> Response { throw std::runtime_error("oops"); });
  return made;
}

TEST(Router, NamesMayHoldEscapedSlashes) {
  EXPECT_EQ(answer(router(), "GET", "/api/runs/a%2Fb").body, R"({"name":"a/b"})");
  EXPECT_EQ(answer(router(), "HEAD", "/api/runs/x").status, 200);
}

TEST(Router, WhatIsNotThereIsSaid) {
  for (const char* target :
       {"/", "/api/runs", "/api/runs/", "/api/runs/a/b", "/api/runs/a/", "/../etc/passwd"})
    EXPECT_EQ(answer(router(), "GET", target).status, 404) << target;
  const Response refused = answer(router(), "DELETE", "/api/runs/a");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers.at(0), (std::pair<std::string, std::string>("Allow", "GET, POST")));
}

TEST(Router, WhatAHandlerThrowsBecomesAnAnswer) {
  EXPECT_EQ(answer(router(), "POST", "/api/runs/a").status, 400);
  EXPECT_EQ(answer(router(), "POST", "/api/runs/a").body, R"({"error":"bad word","code":"usage"})");
  EXPECT_EQ(answer(router(), "GET", "/broken").status, 500);
}

}  // namespace
}  // namespace gradus::board
