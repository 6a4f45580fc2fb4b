#include "app/board/sse.h"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <mutex>

namespace gradus::board {
namespace {

using boost::beast::error_code;

class Stream : public EventStream, public std::enable_shared_from_this<Stream> {
 public:
  Stream(boost::beast::tcp_stream stream, const Service& service)
      : stream_(std::move(stream)),
        timer_(stream_.get_executor()),
        limits_(service.limits),
        connection_(service.load.connections),
        slot_(service.load.streams) {}

  void start(const Response& response) {
    std::string header = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n";
    for (const auto& [name, value] : security_headers(response)) header += name + ": " + value + "\r\n";
    stream_.expires_never();
    watch();
    queue(header + "\r\nretry: 2000\n\n");
    beat();
  }

  void send(std::string_view event, const Json& data) override {
    std::string text = "event: " + std::string(event) + "\ndata: ";
    text += data.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n\n";
    queue(std::move(text));
  }

  bool closed() const override { return closed_; }

 private:
  void queue(std::string text) {
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return;
      first = waiting_.empty();
      waiting_ += text;
      if (waiting_.size() > limits_.stream_backlog_bytes) closed_ = true;
    }
    if (!first && !closed_) return;
    boost::asio::post(stream_.get_executor(), [self = shared_from_this()] { self->write(); });
  }

  void write() {
    if (closed_) return close();
    if (is_writing_) return;
    {
      const std::lock_guard lock(mutex_);
      writing_.swap(waiting_);
      waiting_.clear();
    }
    if (writing_.empty()) return;
    is_writing_ = true;
    stream_.expires_after(limits_.write_timeout);
    boost::asio::async_write(stream_, boost::asio::buffer(writing_),
                             [self = shared_from_this()](const error_code& error, std::size_t) {
                               self->is_writing_ = false;
                               self->writing_.clear();
                               if (error) return self->close();
                               self->write();
                             });
  }

  // A client says nothing more, so a read ends when it leaves.
  void watch() {
    stream_.async_read_some(boost::asio::buffer(heard_),
                            [self = shared_from_this()](const error_code& error, std::size_t) {
                              if (error) return self->close();
                              self->watch();
                            });
  }

  void beat() {
    timer_.expires_after(limits_.heartbeat);
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
      if (error || self->closed_) return;
      self->queue(": still here\n\n");
      self->beat();
    });
  }

  void close() {
    closed_ = true;
    timer_.cancel();
    stream_.close();
  }

  boost::beast::tcp_stream stream_;
  boost::asio::steady_timer timer_;
  const Limits& limits_;
  Load::Slot connection_, slot_;
  std::array<char, 256> heard_{};
  std::mutex mutex_;
  std::string waiting_;  // guarded by mutex_
  std::string writing_;
  bool is_writing_ = false;
  std::atomic<bool> closed_{false};
};

}  // namespace

void open_event_stream(boost::beast::tcp_stream stream, const Service& service, Response response) {
  const auto opened = std::make_shared<Stream>(std::move(stream), service);
  opened->start(response);
  response.stream(opened);
}

void Listeners::send(std::string_view event, const Json& data) {
  for (const std::shared_ptr<EventStream>& stream : streams_) stream->send(event, data);
}

bool Listeners::empty() {
  std::erase_if(streams_, [](const auto& stream) { return stream->closed(); });
  return streams_.empty();
}

}  // namespace gradus::board
