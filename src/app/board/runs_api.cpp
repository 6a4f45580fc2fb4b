#include "app/board/runs_api.h"

#include "base/check.h"
#include "base/file.h"
#include "gradus/control.h"

namespace gradus::board {
namespace {

constexpr int kTicksBetweenScans = 4, kTicksBetweenAsks = 8;
constexpr std::size_t kMostReportBytes = 64 * 1024 * 1024;

// A report is a page of its own with styles in it; it may be framed by the board, run its scripts, and reach
// nothing.
Response report_response(const RunEntry& run) {
  const std::filesystem::path file = run.dir() / "report.html";
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error)
    return error_response(404, "no_report",
                          run.name() + ": there is no report yet. 'gradus report' writes it.");
  if (size > kMostReportBytes)
    return error_response(413, "report_size", run.name() + ": its report is too large to show.");
  const std::vector<std::byte> bytes = read_file(file, Fault::model);
  Response response;
  response.type = "text/html; charset=utf-8";
  response.body.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  response.headers = {
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; "
       "font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
       "sandbox allow-scripts allow-popups"}};
  return response;
}

// Appends the order for the process that trains; 409 where there is none.
Response order_response(const RunEntry& run, const std::string& body) {
  const train::Order order = train::parse_order(body);
  if (!train::is_training(run.dir()))
    return error_response(409, "not_training",
                          run.name() + ": nothing trains there now. Go on with: gradus train --out " +
                              run.dir().string() + " --resume");
  train::send_order(run.dir(), order);
  return json_response({{"order", train::name_of(order.kind)}}, 202);
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

void RunsApi::add_routes(Router& router) {
  router.add("GET", "/api/runs", [this](const Request&) { return json_response(summaries()); });
  router.add("GET", "/api/runs/{name}", [this](const Request& request) {
    RunEntry& run = runs_.get(request.names.at("name"));
    return json_response(run.summary());
  });
  router.add("GET", "/api/runs/{name}/history", [this](const Request& request) {
    return json_response(
        runs_.get(request.names.at("name")).history(whole_number("from", request.query_or("from", "0"))));
  });
  router.add("GET", "/api/runs/{name}/report",
             [this](const Request& request) { return report_response(runs_.get(request.names.at("name"))); });
  router.add("POST", "/api/runs/{name}/orders", [this](const Request& request) {
    return order_response(runs_.get(request.names.at("name")), request.body);
  });
  router.add("GET", "/api/runs/{name}/events", [this](const Request& request) {
    Response response;
    response.stream =
        [this, name = runs_.get(request.names.at("name")).name()](std::shared_ptr<EventStream> stream) {
          // It may have gone since.
          if (RunEntry* run = runs_.find(name)) watch(*run, std::move(stream));
        };
    return response;
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

void RunsApi::watch(RunEntry& run, std::shared_ptr<EventStream> stream) {
  stream->send("run", run.summary());
  watchers_[run.name()].add(std::move(stream));
}

void RunsApi::tell_watchers() {
  for (auto it = watchers_.begin(); it != watchers_.end();) {
    RunEntry* run = runs_.find(it->first);
    if (run == nullptr || it->second.empty()) {
      it = watchers_.erase(it);
      continue;
    }
    if (run->summary()["state"] == "running" && ticks_ % kTicksBetweenAsks == 0)
      train::ask_for_live(run->dir());
    if (const std::optional<Json> live = run->live()) it->second.send("live", *live);
    ++it;
  }
}

void RunsApi::tick() {
  const bool is_watched = !listeners_.empty();
  const bool changed = ticks_++ % kTicksBetweenScans == 0 && runs_.scan();
  for (const auto& [name, run] : runs_.all()) {
    if (!run->update()) continue;
    if (is_watched && !changed) listeners_.send("run", run->summary());
    if (const auto watchers = watchers_.find(name); watchers != watchers_.end())
      watchers->second.send("run", run->summary());
  }
  if (changed && is_watched) listeners_.send("runs", summaries());
  tell_watchers();
}

}  // namespace gradus::board
