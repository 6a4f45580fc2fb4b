#include "train/read_history.h"

#include <sstream>
#include <system_error>

#include "base/check.h"
#include "base/file.h"
#include "train/history_json.h"
#include "train/run_folder.h"

namespace gradus::train {

namespace {

namespace fs = std::filesystem;
using Json = HistoryJson;

StepEvent step_from(const Json& json) {
  StepEvent e;
  e.step = json.at("step").get<std::int64_t>();
  e.epoch = json.at("epoch").get<std::int64_t>();
  e.loss = number_from(json.at("loss"));
  e.smoothed_loss = number_from(json.at("smoothed_loss"));
  e.accuracy = optional_from<double>(json.at("accuracy"));
  e.lr = number_from(json.at("lr"));
  e.seconds = number_from(json.at("seconds"));
  e.samples_per_s = number_from(json.at("samples_per_s"));
  return e;
}

TrainResult result_from(const Json& json, const fs::path& dir) {
  TrainResult r;
  r.train = scores_from(json.at("train"));
  r.val = scores_from(json.at("val"));
  r.test = scores_from(json.at("test"));
  r.steps = json.at("steps").get<std::int64_t>();
  r.epochs = json.at("epochs").get<std::int64_t>();
  r.seconds = json.at("seconds").get<double>();
  r.samples_per_s = number_from(json.at("samples_per_s"));
  r.parameters = json.at("parameters").get<std::int64_t>();
  r.ranks = json.at("ranks").get<std::int64_t>();
  r.resumed_from_step = optional_from<std::int64_t>(json.at("resumed_from_step"));
  r.stopped_early = json.at("stopped_early").get<bool>();
  r.best_epoch = optional_from<std::int64_t>(json.at("best_epoch"));
  r.out = dir.string();
  r.already_finished = true;
  return r;
}

GradientNorms gradients_from(const Json& json) {
  GradientNorms gradients{.step = json.at("step").get<std::int64_t>(), .norms = {}};
  for (const Json& parameter : json.at("parameters"))
    gradients.norms.emplace_back(parameter.at("name").get<std::string>(),
                                 number_from(parameter.at("gradient_norm")));
  return gradients;
}

void add(RunHistory& history, const Json& json, const fs::path& dir) {
  const std::string type = json.value("type", "");
  if (type == "step") history.steps.push_back(step_from(json));
  if (type == "epoch") history.epochs.push_back(epoch_from(json));
  if (type == "probe" || type == "health") history.gradients.push_back(gradients_from(json));
  if (type == "finding") history.findings.push_back(finding_from(json));
  if (type == "start")
    if (const auto environment = environment_from(json)) history.environments.push_back(*environment);
  if (type == "finish") history.finish = result_from(json, dir);
  if (type == "end") history.end = end_from(json);
}

}  // namespace

std::vector<std::string> history_lines(const fs::path& dir) {
  const fs::path file = dir / "history.jsonl";
  if (!fs::exists(file)) return {};
  const std::vector<std::byte> bytes = read_file(file, Fault::model);
  std::istringstream text(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

RunHistory read_history(const fs::path& dir) {
  RunHistory history;
  for (const std::string& line : history_lines(dir)) {
    const Json json = Json::parse(line, nullptr, false);
    try {
      add(history, json, dir);
    } catch (const Json::exception&) {
      // Half a line, or one of another version: what cannot be read is not shown.
    }
  }
  return history;
}

std::optional<TrainResult> finished_result(const fs::path& dir) {
  std::error_code ignored;
  if (!fs::exists(dir / "run.toml", ignored)) return std::nullopt;
  const std::vector<std::string> lines = history_lines(dir);
  if (lines.empty()) return std::nullopt;
  // The last line of a run that was cut off may be half of one.
  const Json last = Json::parse(lines.back(), nullptr, false);
  if (!last.is_object() || last.value("type", "") != "finish") return std::nullopt;
  try {
    return result_from(last, dir);
  } catch (const Json::exception& error) {
    fail(Fault::model, "{}:{}: the line of the run's end cannot be read: {}.",
         (dir / "history.jsonl").string(), lines.size(), error.what());
  }
}

}  // namespace gradus::train
