// The server against clients that misbehave, over real sockets.
#include "app/board/server.h"

#include <gtest/gtest.h>

#include <thread>

#include "app/board/sse.h"
#include "board/client.h"
#include "gradus/error.h"

namespace gradus::board {
namespace {

using namespace std::chrono_literals;

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    router_.add("GET", "/", [](const Request&) { return json_response("home"); });
    router_.add("POST", "/echo", [](const Request& request) { return json_response(request.body.size()); });
    router_.add("GET", "/events", [this](const Request&) {
      Response response;
      response.stream = [this](std::shared_ptr<EventStream> stream) {
        stream->send("hello", {{"n", 1}});
        listeners_.add(std::move(stream));
      };
      return response;
    });
  }
  ~ServerTest() override { end(); }

  void start(const Limits& limits = {}) {
    server_ = std::make_unique<Server>(AccessRules{"127.0.0.1", ""}, std::uint16_t{0}, router_, limits);
    port_ = server_->port();
    thread_ = std::thread([this] { server_->run(stop_, [this] { is_listened_to_ = !listeners_.empty(); }); });
  }
  void end() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  int status(const std::string& head) const {
    return Client(port_).status(head + "Host: localhost\r\nConnection: close\r\n\r\n");
  }

  Router router_;
  std::unique_ptr<Server> server_;
  Listeners listeners_;  // ends before the server
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_{false};
  std::atomic<bool> is_listened_to_{false};
  std::thread thread_;
};

TEST_F(ServerTest, AnswersOneRequestAfterTheOther) {
  start();
  const Client client(port_);
  for (int i = 0; i < 3; ++i) {
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const std::string answer = client.read_until("\"home\"");
    EXPECT_NE(answer.find("200 OK"), std::string::npos);
    EXPECT_NE(answer.find("X-Content-Type-Options: nosniff"), std::string::npos);
    EXPECT_NE(answer.find("Content-Security-Policy: default-src 'self'"), std::string::npos);
  }
}

TEST_F(ServerTest, PathsLeadNowhereElse) {
  start();
  for (const char* path :
       {"/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/..%2fetc%2fpasswd"})
    EXPECT_EQ(status(std::string("GET ") + path + " HTTP/1.1\r\n"), 404) << path;
  EXPECT_EQ(status("GET /%00 HTTP/1.1\r\n"), 400);
  EXPECT_EQ(status("GET http://localhost/ HTTP/1.1\r\n"), 400);
}

TEST_F(ServerTest, ForeignHostsAndOriginsAreRefused) {
  start();
  EXPECT_EQ(Client(port_).status("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 403);
  EXPECT_EQ(Client(port_).status("GET / HTTP/1.1\r\n\r\n"), 403);
  EXPECT_EQ(Client(port_).status("GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n"),
            403);
}

TEST_F(ServerTest, OversizedRequestsAreRefused) {
  start();
  EXPECT_EQ(Client(port_).status("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(20'000, 'x') +
                                 "\r\n\r\n"),
            431);
  EXPECT_EQ(
      Client(port_).status("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                           "Content-Length: 9000000\r\n\r\n"),
      413);
  const Client chunked(port_);
  chunked.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: "
      "chunked\r\n\r\n");
  const std::string megabyte = "100000\r\n" + std::string(0x100000, 'x') + "\r\n";
  for (int i = 0; i < 10 && chunked.send(megabyte); ++i) {
  }
  EXPECT_NE(chunked.read_until("\r\n").find("413"), std::string::npos);
  EXPECT_EQ(Client(port_).status("nonsense\r\n\r\n"), 400);
  // What is allowed still passes.
  const std::string body(8'000'000, 'x');
  EXPECT_EQ(
      Client(port_).status("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                           "Content-Length: 8000000\r\n\r\n" +
                           body),
      200);
}

TEST_F(ServerTest, SlowRequestsAreCutOff) {
  start({.read_timeout = 200ms});
  const Client client(port_);
  client.send("GET / HTTP/1.1\r\nHost: loc");
  EXPECT_EQ(client.read_all(), "");  // its end, long before the client's own patience ends
  EXPECT_EQ(status("GET / HTTP/1.1\r\n"), 200);
}

TEST_F(ServerTest, IdleConnectionsGiveWay) {
  start({.connections = 20});
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 200; ++i) {
    idle.push_back(std::make_unique<Client>(port_));
    ASSERT_TRUE(idle.back()->connected());
  }
  EXPECT_EQ(status("GET / HTTP/1.1\r\n"), 200);
  EXPECT_EQ(idle.front()->read_all(), "");  // the oldest was closed
}

TEST_F(ServerTest, ConnectionsInUseAreKeptAndNewOnesRefused) {
  start({.connections = 5});
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 5; ++i) {
    slow.push_back(std::make_unique<Client>(port_));
    slow.back()->send("GET / HTTP/1.1\r\nHost: localhost\r\n");
  }
  // The server may not have read the first bytes of the last one yet.
  int last = 0;
  for (int i = 0; i < 50 && last != 503; ++i) last = status("GET / HTTP/1.1\r\n");
  EXPECT_EQ(last, 503);
  slow.front()->send("\r\n");
  EXPECT_NE(slow.front()->read_until("\"home\"").find("200 OK"), std::string::npos);
}

TEST_F(ServerTest, StreamsTellEventsUntilTheirReaderLeaves) {
  start({.heartbeat = 50ms});
  {
    const Client client(port_);
    client.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const std::string text = client.read_until(": still here");
    EXPECT_NE(text.find("Content-Type: text/event-stream"), std::string::npos);
    EXPECT_NE(text.find("event: hello\ndata: {\"n\":1}\n\n"), std::string::npos);
    while (!is_listened_to_) std::this_thread::sleep_for(10ms);
  }
  while (is_listened_to_) std::this_thread::sleep_for(10ms);  // or the test's time ends
}

TEST_F(ServerTest, StreamsAreBounded) {
  start({.streams = 2});
  const Client one(port_), two(port_);
  for (const Client* client : {&one, &two}) {
    client->send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    client->read_until("hello");
  }
  EXPECT_EQ(status("GET /events HTTP/1.1\r\n"), 503);
}

TEST_F(ServerTest, ATakenPortIsSaid) {
  start();
  try {
    const Server second({"127.0.0.1", ""}, port_, router_);
    FAIL() << "two servers listen on one port";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_NE(std::string(error.what()).find("--port 0"), std::string::npos);
  }
}

}  // namespace
}  // namespace gradus::board
