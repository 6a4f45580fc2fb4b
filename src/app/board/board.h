// gradus board: a folder of runs, live and finished, as a page.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/board/server.h"
#include "app/board/view.h"

namespace gradus::board {

struct BoardOptions {
  std::filesystem::path dir;
  std::string host = "127.0.0.1";  // anything but the loopback asks for a token
  std::uint16_t port = 0;          // 0: any free one
  Limits limits = {};
};

class Board {
 public:
  // Listens from here on. Errors as Server; Fault::model: `dir` is no folder.
  explicit Board(const BoardOptions& options);

  const std::string& url() const { return url_; }  // with the token, if there is one
  void run(const std::atomic<bool>& stop);

 private:
  Router router_;
  std::unique_ptr<Server> server_;
  std::vector<std::unique_ptr<View>> views_;  // they hold streams of the server's, so they end before it
  std::string url_;
};

}  // namespace gradus::board
