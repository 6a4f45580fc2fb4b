#include "app/board/server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "app/board/connection.h"
#include "base/check.h"

namespace gradus::board {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kTick(250);
constexpr std::chrono::milliseconds kRetryAccept(100);

}  // namespace

struct Server::State {
  State(AccessRules r, const Router& router_, const Limits& l)
      : rules(std::move(r)), limits(l), router(router_), acceptor(io), timer(io), retry(io) {}

  AccessRules rules;
  Limits limits;
  const Router& router;
  Load load;  // before `io`: the connections it holds still count
  asio::io_context io{1};
  tcp::acceptor acceptor;
  asio::steady_timer timer, retry;

  void listen(std::uint16_t port) {
    error_code error;
    tcp::resolver resolver(io);
    const auto found = resolver.resolve(rules.host, std::to_string(port), tcp::resolver::passive, error);
    require(Fault::usage, !error && !found.empty(),
            "--host {}: this name has no address: {}. Give an address of this machine, or 0.0.0.0 for all.",
            rules.host, error.message());
    const tcp::endpoint endpoint = found.begin()->endpoint();
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    require(Fault::usage, error != asio::error::address_in_use,
            "--port {}: another program listens there. Take another port, or --port 0 for any free one.",
            port);
    require(Fault::usage, error != asio::error::access_denied,
            "--port {}: ports below 1024 need rights this program does not have. Take a higher one.", port);
    require(Fault::usage, !error, "--host {}: cannot listen there: {}. Give an address of this machine.",
            rules.host, error.message());
  }

  void accept() {
    acceptor.async_accept([this](const error_code& error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) {  // no more files may be open: some will close
        retry.expires_after(kRetryAccept);
        retry.async_wait([this](const error_code& ended) {
          if (!ended) accept();
        });
        return;
      }
      // Those that are told so are few, too.
      if (load.connections >= 2 * limits.connections) return accept();
      const bool full = load.connections >= limits.connections && !load.close_oldest_idle();
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      serve_connection(std::move(socket), {rules, router, limits, load}, full);
      accept();
    });
  }

  void tick(const std::function<void()>& task) {
    timer.expires_after(kTick);
    timer.async_wait([this, &task](const error_code& error) {
      if (error) return;
      task();
      tick(task);
    });
  }
};

Server::Server(AccessRules rules, std::uint16_t port, const Router& router, const Limits& limits)
    : state_(std::make_unique<State>(std::move(rules), router, limits)) {
  state_->listen(port);
}

Server::~Server() = default;

std::uint16_t Server::port() const { return state_->acceptor.local_endpoint().port(); }

void Server::run(const std::atomic<bool>& stop, const std::function<void()>& tick) {
  state_->accept();
  if (tick) state_->tick(tick);
  while (!stop) state_->io.run_for(std::chrono::milliseconds(100));
  state_->timer.cancel();
  state_->acceptor.close();
}

}  // namespace gradus::board
