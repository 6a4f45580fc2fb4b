#include "app/board/checks.h"
#include "app/board/limits.h"
#include "app/board/message.h"
#include "app/board/page.h"
#include "app/board/runs_api.h"
#include "fuzz.h"

namespace {

// The page and the runs of an empty folder.
struct Site {
  Site() : runs(std::filesystem::temp_directory_path() / "gradus-fuzz-no-runs") {
    page.add_routes(router);
    runs.add_routes(router);
  }
  gradus::board::Page page;
  gradus::board::RunsApi runs;
  gradus::board::Router router;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gradus;
  namespace http = boost::beast::http;
  static const board::Limits limits;
  static const Site site;
  http::request_parser<http::string_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  parser.body_limit(limits.body_bytes);
  parser.eager(true);
  boost::beast::error_code error;
  parser.put(boost::asio::buffer(data, size), error);
  if (error || !parser.is_done()) return 0;
  board::Request request;
  if (!board::read_message(parser.get(), request)) return 0;
  if (board::check_request(request, {.host = "127.0.0.1", .token = ""})) return 0;
  return fuzz([&] { site.router.route(request, [](const board::Response&) {}); });
}
