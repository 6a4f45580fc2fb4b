#include "app/board/board.h"

#include "app/board/network_api.h"
#include "app/board/page.h"
#include "app/board/playground_api.h"
#include "app/board/runs_api.h"
#include "base/check.h"

namespace gradus::board {
namespace {

std::string url_of(const AccessRules& rules, std::uint16_t port) {
  const bool is_v6 = rules.host.find(':') != std::string::npos;
  std::string url =
      "http://" + (is_v6 ? "[" + rules.host + "]" : rules.host) + ":" + std::to_string(port) + "/";
  return rules.token.empty() ? url : url + "?token=" + rules.token;
}

}  // namespace

Board::Board(const BoardOptions& options) {
  std::error_code error;
  require(Fault::model, std::filesystem::is_directory(options.dir, error),
          "{}: a folder of runs was needed. Give the one that 'gradus train --out' writes into.",
          options.dir.string());
  views_.push_back(std::make_unique<Page>());
  auto runs = std::make_unique<RunsApi>(options.dir);
  views_.push_back(std::make_unique<NetworkApi>(runs->runs()));
  views_.push_back(std::move(runs));
  views_.push_back(std::make_unique<PlaygroundApi>());
  for (const auto& view : views_) view->add_routes(router_);
  const AccessRules rules{options.host, is_loopback(options.host) ? "" : make_token()};
  server_ = std::make_unique<Server>(rules, options.port, router_, options.limits);
  url_ = url_of(rules, server_->port());
}

void Board::run(const std::atomic<bool>& stop) {
  server_->run(stop, [this] {
    for (const auto& view : views_) view->tick();
  });
}

}  // namespace gradus::board
