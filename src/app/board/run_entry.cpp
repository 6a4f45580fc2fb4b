#include "app/board/run_entry.h"

#include "gradus/train.h"

namespace gradus::board {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBytesAtOnce = 1024 * 1024;

Json value_of(const train::ConfigValue& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

// A key's value if the object has it.
Json part(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? Json(nullptr) : *found;
}

}  // namespace

RunEntry::RunEntry(std::string name, fs::path dir)
    : name_(std::move(name)),
      dir_(std::move(dir)),
      history_(dir_ / "history.jsonl"),
      live_(dir_ / "live.jsonl") {
  summary_ = {{"name", name_}, {"state", "new"}, {"settings", Json::object()}};
}

bool RunEntry::update() {
  const Json before = summary_;
  read_settings();
  while (true) {
    const std::vector<std::string> lines = history_.take(kBytesAtOnce);
    if (history_.generation() != generation_) {
      generation_ = history_.generation();
      for (const char* key : {"step", "epoch", "seconds", "samples_per_s", "lr", "loss", "train", "val",
                              "test", "total_steps", "total_epochs", "parameters"})
        summary_[key] = nullptr;
      is_finished_ = is_paused_ = false;
    }
    if (lines.empty()) break;
    for (const std::string& line : lines) take(line);
  }
  std::error_code error;
  summary_["report"] = fs::is_regular_file(dir_ / "report.html", error);
  if (is_finished_)
    summary_["state"] = "finished";
  else if (train::is_training(dir_))
    summary_["state"] = is_paused_ ? "paused" : "running";
  else
    summary_["state"] = generation_ == 0 ? "new" : "stopped";
  return summary_ != before;
}

std::optional<Json> RunEntry::live() {
  const std::vector<std::string> lines = live_.take(kBytesAtOnce);
  if (lines.empty()) return std::nullopt;
  Json json = Json::parse(lines.back(), nullptr, false);
  if (!json.is_object()) return std::nullopt;
  return json;
}

void RunEntry::read_settings() {
  std::error_code error;
  const fs::file_time_type time = fs::last_write_time(dir_ / "run.toml", error);
  if (error || time == settings_time_) return;
  settings_time_ = time;
  Json settings = Json::object();
  try {
    const train::RunConfig config = train::read_config(dir_ / "run.toml");
    for (const train::ConfigKey& key : train::config_keys()) {
      if (const std::optional<train::ConfigValue> value = key.get(config))
        settings[key.name] = value_of(*value);
    }
    summary_.erase("problem");
  } catch (const std::exception& problem) {
    summary_["problem"] = problem.what();
  }
  summary_["settings"] = std::move(settings);
}

void RunEntry::take(const std::string& line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return;
  const Json type = part(json, "type");
  for (const char* key : {"step", "epoch", "seconds", "lr", "samples_per_s"}) {
    // An epoch's seconds are its own; those of steps and of the end are the run's.
    const bool is_epochs_own = type == "epoch" && std::string_view(key) == "seconds";
    if (json.contains(key) && !is_epochs_own) summary_[key] = json[key];
  }
  if (type == "step") {
    summary_["loss"] = part(json, "smoothed_loss");
  } else if (type == "epoch") {
    summary_["train"] = part(json, "train");
    summary_["val"] = part(json, "val");
  } else if (type == "start") {
    for (const char* key : {"total_steps", "total_epochs", "parameters"}) summary_[key] = part(json, key);
  } else if (type == "order") {
    const Json order = part(json, "order");
    if (order == "pause" || order == "resume") is_paused_ = order == "pause";
    if (order == "lr") summary_["ordered_lr"] = part(json, "lr");
  } else if (type == "finish") {
    for (const char* key : {"train", "val", "test"}) summary_[key] = part(json, key);
    summary_["step"] = part(json, "steps");
    summary_["epoch"] = part(json, "epochs");
    summary_["parameters"] = part(json, "parameters");
    is_finished_ = true;
  }
}

Json RunEntry::history(std::uint64_t from) const {
  Lines read = read_lines(dir_ / "history.jsonl", from, kBytesAtOnce);
  Json lines = Json::array();
  for (const std::string& line : read.lines) {
    Json json = Json::parse(line, nullptr, false);
    if (json.is_object()) lines.push_back(std::move(json));
  }
  return {{"generation", generation_}, {"next", read.next}, {"lines", std::move(lines)}};
}

}  // namespace gradus::board
