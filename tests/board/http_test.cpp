#include "app/board/http.h"

#include <gtest/gtest.h>

namespace gradus::board {
namespace {

TEST(Http, TargetsAreSplitAndDecoded) {
  Request request;
  ASSERT_TRUE(split_target("/a%20b/c%2Fd?x=1&y=%25&flag", request));
  EXPECT_EQ(request.path, "/a b/c/d");
  EXPECT_EQ(request.raw_path, "/a%20b/c%2Fd");
  EXPECT_EQ(request.query_or("x", ""), "1");
  EXPECT_EQ(request.query_or("y", ""), "%");
  EXPECT_EQ(request.query_or("flag", "?"), "");
  EXPECT_EQ(request.query_or("z", "?"), "?");
}

TEST(Http, BrokenTargetsAreRefused) {
  for (const char* target : {"", "a", "http://x/", "*", "/%", "/%2", "/%zz", "/a%00b", "/?a=%0"}) {
    Request request;
    EXPECT_FALSE(split_target(target, request)) << target;
  }
}

TEST(Http, WhatIsNoUtf8IsReplaced) {
  EXPECT_EQ(json_response({{"name", "a\xff"}}).body, "{\"name\":\"a\xef\xbf\xbd\"}");
}

TEST(Http, AHandlersHeaderReplacesTheStandardOne) {
  Response response;
  response.headers = {{"Cache-Control", "no-cache"}};
  for (const auto& [name, value] : security_headers(response)) EXPECT_NE(name, "Cache-Control") << value;
}

}  // namespace
}  // namespace gradus::board
