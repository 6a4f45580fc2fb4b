// gradus board: serves the runs of a folder as a page.
#include <nlohmann/json.hpp>

#include "app/cli/stop.h"
#include "app/cli/verb.h"
#include "base/check.h"
#ifdef GRADUS_BOARD
#include "app/board/board.h"
#endif

namespace gradus::cli {
namespace {

class Board : public Verb {
 public:
  void define(Arguments& arguments) override {
    arguments.optional_positional(dir_, "DIR", "the folder of runs (default: runs if it is there, else .)");
    arguments.value(port_, {"--port", "N", "where to listen; 0: any free one", "8265"});
    arguments.value(
        host_,
        {"--host", "H", "an address of this machine; others than the loopback ask for a token", "127.0.0.1"});
    view_.define(arguments);
    arguments.example("gradus board runs");
    arguments.example("gradus board runs --port 0 --host 0.0.0.0");
  }

#ifdef GRADUS_BOARD
  int run(const Terminal& /*terminal*/) override {
    const std::string standard = std::filesystem::is_directory("runs") ? "runs" : ".";
    board::Board board(
        {.dir = dir_.value_or(standard),
         .host = host_.value_or("127.0.0.1"),
         .port = static_cast<std::uint16_t>(whole_number("--port", port_.value_or("8265"), 0, 65535))});
    const StopOnSignal stop;
    write_output(view_.json ? nlohmann::json{{ "url", board.url() }}.dump() + "\n" : board.url() + "\n");
    finish_output();
    view_.note("Open this address in a browser; Ctrl-C ends the board.");
    board.run(stop.flag());
    return 0;
  }
#else
  int run(const Terminal& /*terminal*/) override {
    fail(Fault::usage,
         "board: this build has none, for npm or Boost was missing when it was made. Install npm and "
         "libboost-dev (scripts/install-deps.sh does), then configure and build again.");
  }
#endif

 private:
  std::optional<std::string> dir_, port_, host_;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_board_verb() { return std::make_unique<Board>(); }

}  // namespace gradus::cli
