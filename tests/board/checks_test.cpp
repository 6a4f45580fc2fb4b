#include "app/board/checks.h"

#include <gtest/gtest.h>

namespace gradus::board {
namespace {

const AccessRules kLoopback{"127.0.0.1", ""};
const AccessRules kOpen{"0.0.0.0", "0123456789abcdef"};

Request request(std::map<std::string, std::string> headers, std::string method = "GET") {
  Request made;
  made.method = std::move(method);
  made.path = "/";
  made.headers = std::move(headers);
  return made;
}

int status(const Request& asked, const AccessRules& rules) {
  const std::optional<Response> refused = check_request(asked, rules);
  return refused ? refused->status : 0;
}

TEST(Checks, HostsAreToldFromTheirPorts) {
  EXPECT_EQ(host_name("Example.org:80"), "example.org");
  EXPECT_EQ(host_name("[::1]:80"), "::1");
  EXPECT_EQ(host_name("[::1"), "");
}

TEST(Checks, OnTheLoopbackOnlyItsOwnNamesPass) {
  for (const char* host : {"127.0.0.1:8265", "localhost", "LOCALHOST:1", "[::1]:8265"})
    EXPECT_EQ(status(request({{"host", host}}), kLoopback), 0) << host;
  for (const char* host : {"", "evil.example", "evil.example:8265", "192.168.0.1", "127.0.0.1.evil.example"})
    EXPECT_EQ(status(request({{"host", host}}), kLoopback), 403) << host;
}

TEST(Checks, ElsewhereAddressesPassAndForeignNamesDoNot) {
  EXPECT_TRUE(host_allowed("192.168.0.1:8265", kOpen));
  EXPECT_FALSE(host_allowed("rebound.example:8265", kOpen));
}

TEST(Checks, AForeignOriginIsRefused) {
  const auto from = [](const char* origin) {
    return status(request({{"host", "localhost:8265"}, {"origin", origin}}), kLoopback);
  };
  EXPECT_EQ(from("http://localhost:8265"), 0);
  for (const char* origin :
       {"http://evil.example", "http://localhost:3000", "https://localhost:8265", "null", ""})
    EXPECT_EQ(from(origin), 403) << origin;
}

TEST(Checks, APostMustBeJson) {
  EXPECT_EQ(
      status(request({{"host", "localhost"}, {"content-type", "application/json; charset=utf-8"}}, "POST"),
             kLoopback),
      0);
  EXPECT_EQ(status(request({{"host", "localhost"}, {"content-type", "text/plain"}}, "POST"), kLoopback), 415);
  EXPECT_EQ(status(request({{"host", "localhost"}}, "POST"), kLoopback), 415);
}

TEST(Checks, ATokenIsTakenFromTheAddressOnceAndThenFromTheCookie) {
  Request asked = request({{"host", "10.0.0.1"}});
  EXPECT_EQ(status(asked, kOpen), 401);
  asked.query["token"] = "0123456789abcdee";
  EXPECT_EQ(status(asked, kOpen), 401);
  asked.query["token"] = kOpen.token;
  const std::optional<Response> sent_on = check_request(asked, kOpen);
  ASSERT_TRUE(sent_on);
  EXPECT_EQ(sent_on->status, 303);
  EXPECT_EQ(sent_on->headers[1].second, "gradus_token=0123456789abcdef; Path=/; HttpOnly; SameSite=Strict");
  EXPECT_EQ(status(request({{"host", "10.0.0.1"}, {"cookie", "a=b; gradus_token=0123456789abcdef"}}), kOpen),
            0);
  EXPECT_EQ(status(request({{"host", "10.0.0.1"}, {"cookie", "gradus_token=0123456789abcdefa"}}), kOpen),
            401);
}

TEST(Checks, TokensDiffer) {
  EXPECT_EQ(make_token().size(), 32u);
  EXPECT_NE(make_token(), make_token());
}

}  // namespace
}  // namespace gradus::board
