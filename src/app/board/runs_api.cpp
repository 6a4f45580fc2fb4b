#include "app/board/runs_api.h"

#include <charconv>

#include "base/check.h"

namespace gradus::board {
namespace {

constexpr int kTicksBetweenScans = 4;

std::uint64_t whole_number(const std::string& key, const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  require(Fault::usage, error == std::errc() && end == text.data() + text.size(),
          "{}: a whole number was needed, '{}' was given.", key, text);
  return value;
}

}  // namespace

RunsApi::RunsApi(std::filesystem::path dir) : runs_(std::move(dir)) {
  runs_.scan();
  for (const auto& [name, run] : runs_.all()) run->update();
}

Json RunsApi::summaries() const {
  Json all = Json::array();
  for (const auto& [name, run] : runs_.all()) all.push_back(run->summary());
  return {{"dir", runs_.dir().string()}, {"runs", std::move(all)}};
}

RunEntry& RunsApi::run_of(const Request& request) {
  const std::string& name = request.names.at("name");
  RunEntry* run = runs_.find(name);
  require(Fault::usage, run != nullptr, "{}: there is no such run in {}.", name, runs_.dir().string());
  return *run;
}

void RunsApi::add_routes(Router& router) {
  router.add("GET", "/api/runs", [this](const Request&) { return json_response(summaries()); });
  router.add("GET", "/api/runs/{name}", [this](const Request& request) {
    RunEntry& run = run_of(request);
    return json_response(run.summary());
  });
  router.add("GET", "/api/runs/{name}/history", [this](const Request& request) {
    return json_response(run_of(request).history(whole_number("from", request.query_or("from", "0"))));
  });
  router.add("GET", "/api/events", [this](const Request&) {
    Response response;
    response.stream = [this](std::shared_ptr<EventStream> stream) {
      stream->send("runs", summaries());
      listeners_.add(std::move(stream));
    };
    return response;
  });
}

void RunsApi::tick() {
  const bool is_watched = !listeners_.empty();
  const bool changed = ticks_++ % kTicksBetweenScans == 0 && runs_.scan();
  for (const auto& [name, run] : runs_.all()) {
    if (run->update() && is_watched && !changed) listeners_.send("run", run->summary());
  }
  if (changed && is_watched) listeners_.send("runs", summaries());
}

}  // namespace gradus::board
