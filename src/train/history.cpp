// history.jsonl written and read.
#include <cerrno>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>

#include "base/check.h"
#include "base/file.h"
#include "train/run_folder.h"

namespace gradus::train {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::chrono::milliseconds kFlushEvery(100);

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

template <class T>
Json optional(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json scores(const std::optional<Scores>& s) {
  if (!s) return nullptr;
  return {{"loss", number(s->loss)},
          {"accuracy", s->accuracy ? number(*s->accuracy) : Json(nullptr)},
          {"n", s->n}};
}

std::optional<Scores> scores_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  Scores s{.loss = json.at("loss").is_null() ? std::nan("") : json.at("loss").get<double>(),
           .accuracy = {},
           .n = json.at("n").get<std::int64_t>()};
  if (!json.at("accuracy").is_null()) s.accuracy = json.at("accuracy").get<double>();
  return s;
}

template <class T>
std::optional<T> optional_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return json.get<T>();
}

Json spread(const Spread& s) {
  return {{"mean", number(s.mean)},
          {"std", number(s.std)},
          {"p15", number(s.p15)},
          {"p50", number(s.p50)},
          {"p85", number(s.p85)}};
}

TrainResult result_from(const Json& json, const fs::path& dir) {
  TrainResult r;
  r.train = scores_from(json.at("train"));
  r.val = scores_from(json.at("val"));
  r.test = scores_from(json.at("test"));
  r.steps = json.at("steps").get<std::int64_t>();
  r.epochs = json.at("epochs").get<std::int64_t>();
  r.seconds = json.at("seconds").get<double>();
  r.samples_per_s = json.at("samples_per_s").get<double>();
  r.parameters = json.at("parameters").get<std::int64_t>();
  r.ranks = json.at("ranks").get<std::int64_t>();
  r.resumed_from_step = optional_from<std::int64_t>(json.at("resumed_from_step"));
  r.stopped_early = json.at("stopped_early").get<bool>();
  r.best_epoch = optional_from<std::int64_t>(json.at("best_epoch"));
  r.out = dir.string();
  r.already_finished = true;
  return r;
}

std::vector<std::string> read_lines(const fs::path& file) {
  if (!fs::exists(file)) return {};
  const std::vector<std::byte> bytes = read_file(file, Fault::model);
  std::istringstream text(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

}  // namespace

std::optional<TrainResult> finished_result(const fs::path& dir) {
  std::error_code ignored;
  if (!fs::exists(dir / "run.toml", ignored)) return std::nullopt;
  const fs::path file = dir / "history.jsonl";
  const std::vector<std::string> lines = read_lines(file);
  if (lines.empty()) return std::nullopt;
  // The last line of a run that was cut off may be half of one.
  const Json last = Json::parse(lines.back(), nullptr, false);
  if (!last.is_object() || last.value("type", "") != "finish") return std::nullopt;
  try {
    return result_from(last, dir);
  } catch (const Json::exception& error) {
    fail(Fault::model, "{}:{}: the line of the run's end cannot be read: {}.", file.string(), lines.size(),
         error.what());
  }
}

History::History(const fs::path& dir, std::optional<std::int64_t> upto_step) {
  const fs::path path = dir / "history.jsonl";
  std::string kept;
  if (upto_step) {
    for (const std::string& line : read_lines(path)) {
      const Json json = Json::parse(line, nullptr, false);
      const bool keep = json.is_object() && json.value("type", "finish") != "finish" &&
                        json.value("step", *upto_step + 1) <= *upto_step;
      if (keep) kept += line + '\n';
    }
  }
  write_file(path, kept);
  file_.emplace(path);
}

void History::step(const StepEvent& e) {
  write(Json{{"type", "step"},
             {"step", e.step},
             {"epoch", e.epoch},
             {"loss", number(e.loss)},
             {"smoothed_loss", number(e.smoothed_loss)},
             {"accuracy", optional(e.accuracy)},
             {"lr", number(e.lr)},
             {"seconds", number(e.seconds)},
             {"samples_per_s", number(e.samples_per_s)}}
            .dump());
}

void History::epoch(const EpochEvent& e) {
  write(Json{{"type", "epoch"},
             {"epoch", e.epoch},
             {"step", e.step},
             {"train", scores(e.train)},
             {"val", scores(e.val)},
             {"best", e.best},
             {"lr", number(e.lr)},
             {"seconds", number(e.seconds)},
             {"samples_per_s", number(e.samples_per_s)}}
            .dump());
}

void History::probe(const ProbeEvent& e) {
  Json layers = Json::array(), parameters = Json::array();
  for (const LayerProbe& layer : e.layers) {
    layers.push_back({{"path", layer.path},
                      {"kind", layer.kind},
                      {"output", spread(layer.output)},
                      {"unit", spread(layer.unit)},
                      {"gradient", spread(layer.gradient)}});
  }
  for (const ParameterProbe& parameter : e.parameters) {
    parameters.push_back({{"name", parameter.name},
                          {"norm", number(parameter.norm)},
                          {"gradient_norm", number(parameter.gradient_norm)}});
  }
  write(Json{{"type", "probe"}, {"step", e.step}, {"layers", layers}, {"parameters", parameters}}.dump());
}

void History::finish(const TrainResult& r) {
  write(Json{{"type", "finish"},
             {"train", scores(r.train)},
             {"val", scores(r.val)},
             {"test", scores(r.test)},
             {"steps", r.steps},
             {"epochs", r.epochs},
             {"seconds", r.seconds},
             {"samples_per_s", number(r.samples_per_s)},
             {"parameters", r.parameters},
             {"ranks", r.ranks},
             {"resumed_from_step", optional(r.resumed_from_step)},
             {"stopped_early", r.stopped_early},
             {"best_epoch", optional(r.best_epoch)}}
            .dump());
  flush();
}

void History::write(const std::string& line) {
  const std::string whole = line + '\n';
  file_->write(std::as_bytes(std::span(whole)));
  const Clock::time_point now = Clock::now();
  if (now - flushed_ < kFlushEvery) return;
  flush();
  flushed_ = now;
}

void History::flush() { file_->flush(); }

}  // namespace gradus::train
