#include "app/board/connection.h"

#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <optional>

#include "app/board/message.h"
#include "app/board/sse.h"

namespace gradus::board {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::beast::error_code;

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kDrainedBytes = 16 * 1024 * 1024;

// The answer to a request that cannot be read; none where the client is gone or too slow.
std::optional<Response> answer_to(const error_code& error, const Limits& limits) {
  if (error == http::error::header_limit)
    return error_response(431, "header_size",
                          "The header is longer than " + std::to_string(limits.header_bytes) + " bytes.");
  if (error == http::error::body_limit || error == http::error::buffer_overflow)
    return error_response(413, "body_size",
                          "The body is longer than " + std::to_string(limits.body_bytes) + " bytes.");
  if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
  if (error.category() == http::make_error_code(http::error::bad_method).category())
    return error_response(400, "address", "This is no HTTP request: " + error.message() + ".");
  return std::nullopt;
}

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::ip::tcp::socket socket, const Service& service)
      : stream_(std::move(socket)), service_(service), slot_(service.load.connections) {}
  ~Connection() { leave_waiting(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void refuse() {
    keep_alive_ = false;
    respond(error_response(503, "connections",
                           "The board serves as many pages as it can. Close some, or try again."));
  }

  void read() {
    parser_.emplace();
    parser_->header_limit(service_.limits.header_bytes);
    parser_->body_limit(service_.limits.body_bytes);
    stream_.expires_after(service_.limits.read_timeout);
    waiting_ = service_.load.waiting.insert(service_.load.waiting.end(), [this] { return close_if_idle(); });
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](const error_code& error, std::size_t) {
                       self->leave_waiting();
                       self->on_read(error);
                     });
  }

 private:
  bool close_if_idle() {
    if (parser_->got_some() || buffer_.size() > 0 || closed_) return false;
    closed_ = true;
    stream_.cancel();
    return true;
  }

  void leave_waiting() {
    if (waiting_) service_.load.waiting.erase(*waiting_);
    waiting_.reset();
  }

  void on_read(const error_code& error) {
    if (closed_) return;
    if (error) {
      keep_alive_ = false;
      if (std::optional<Response> answer = answer_to(error, service_.limits)) respond(std::move(*answer));
      return;
    }
    const http::request<http::string_body>& message = parser_->get();
    keep_alive_ = message.keep_alive();
    is_head_ = message.method() == http::verb::head;
    Request request;
    if (!read_message(parser_->get(), request))
      return respond(error_response(400, "address", "The address is not of the form /PATH?KEY=VALUE."));
    if (std::optional<Response> refused = check_request(request, service_.rules))
      return respond(std::move(*refused));
    service_.router.route(request, [self = shared_from_this(),
                                    answered = std::make_shared<std::atomic<bool>>()](Response response) {
      if (answered->exchange(true)) return;
      boost::asio::post(self->stream_.get_executor(), [self, response = std::move(response)]() mutable {
        self->respond(std::move(response));
      });
    });
  }

  void respond(Response response) {
    parser_.reset();
    if (response.stream) return open_stream(std::move(response));
    struct Answer {
      Response response;
      http::response<http::span_body<const char>> message;
    };
    auto answer = std::make_shared<Answer>();
    answer->response = std::move(response);
    const Response& r = answer->response;
    const std::string_view body = r.still.empty() ? std::string_view(r.body) : r.still;
    auto& message = answer->message;
    message.result(static_cast<unsigned>(r.status));
    message.set(http::field::content_type, r.type);
    for (const auto& [name, value] : security_headers(r)) message.set(name, value);
    for (const auto& [name, value] : r.headers) message.set(name, value);
    message.keep_alive(keep_alive_);
    message.content_length(body.size());
    if (!is_head_) message.body() = {body.data(), body.size()};
    stream_.expires_after(service_.limits.write_timeout);
    http::async_write(stream_, message,
                      [self = shared_from_this(), answer](const error_code& error, std::size_t) {
                        if (error) return;
                        if (self->keep_alive_) return self->read();
                        self->leave();
                      });
  }

  void open_stream(Response response) {
    if (service_.load.streams >= service_.limits.streams) {
      keep_alive_ = false;
      return respond(error_response(503, "connections", "Too many pages listen already. Close some."));
    }
    open_event_stream(std::move(stream_), service_, std::move(response));
  }

  // Says that nothing follows, and takes what the client still sends: closing at once would reset the
  // connection, and the answer might be lost.
  void leave() {
    error_code ignored;
    stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    stream_.expires_after(std::chrono::seconds(2));
    buffer_.clear();
    drain(0);
  }

  void drain(std::size_t taken) {
    if (taken > kDrainedBytes) return;
    stream_.async_read_some(buffer_.prepare(kReadBytes),
                            [self = shared_from_this(), taken](const error_code& error, std::size_t size) {
                              if (!error) self->drain(taken + size);
                            });
  }

  beast::tcp_stream stream_;
  Service service_;
  Load::Slot slot_;
  beast::flat_buffer buffer_{kReadBytes};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<std::list<std::function<bool()>>::iterator> waiting_;
  bool keep_alive_ = false, is_head_ = false, closed_ = false;
};

}  // namespace

void serve_connection(boost::asio::ip::tcp::socket socket, const Service& service, bool full) {
  const auto connection = std::make_shared<Connection>(std::move(socket), service);
  if (full) return connection->refuse();
  connection->read();
}

}  // namespace gradus::board
