#include "train/history_json.h"

#include <algorithm>

namespace gradus::train {

namespace {

// As RunEnd::Cause.
constexpr std::string_view kCauses[] = {"finished", "stopped_early", "interrupted", "stopped", "diverged"};

Scores known_scores(const HistoryJson& json) {
  return Scores{.loss = number_from(json.at("loss")),
                .accuracy = optional_from<double>(json.at("accuracy")),
                .n = json.at("n").get<std::int64_t>()};
}

}  // namespace

std::optional<Scores> scores_from(const HistoryJson& json) {
  if (json.is_null()) return std::nullopt;
  return known_scores(json);
}

EpochEvent epoch_from(const HistoryJson& json) {
  EpochEvent e;
  e.epoch = json.at("epoch").get<std::int64_t>();
  e.step = json.at("step").get<std::int64_t>();
  e.train = known_scores(json.at("train"));
  e.val = scores_from(json.at("val"));
  e.best = json.at("best").get<bool>();
  e.lr = number_from(json.at("lr"));
  e.seconds = number_from(json.at("seconds"));
  e.samples_per_s = number_from(json.at("samples_per_s"));
  return e;
}

Finding finding_from(const HistoryJson& json) {
  Finding finding{.rule = json.at("rule").get<std::string>(),
                  .place = json.at("place").get<std::string>(),
                  .step = json.at("step").get<std::int64_t>(),
                  .evidence = json.at("evidence").get<std::string>(),
                  .remedy = json.at("remedy").get<std::string>(),
                  .wording = json.value("wording", "")};
  const HistoryJson values = json.value("values", HistoryJson::object());
  for (const auto& [name, value] : values.items())
    finding.values.emplace_back(name, value.get<std::string>());
  return finding;
}

HistoryJson json_of(const Environment& e) {
  HistoryJson libraries = HistoryJson::array();
  for (const Backend& library : e.libraries)
    libraries.push_back(
        {{"name", library.name}, {"version", library.version}, {"instructions", library.instructions}});
  return {{"gradus", e.version},
          {"compiler", e.compiler},
          {"processor", e.machine.processor},
          {"cores", e.machine.cores},
          {"memory_bytes", e.machine.memory_bytes},
          {"system", e.machine.system},
          {"libraries", libraries},
          {"threads", e.threads},
          {"precision", e.precision}};
}

std::optional<Environment> environment_from(const HistoryJson& start) {
  const auto found = start.find("environment");
  if (found == start.end()) return std::nullopt;
  Environment e{.version = found->at("gradus"),
                .compiler = found->at("compiler"),
                .machine = {.processor = found->at("processor"),
                            .cores = found->at("cores"),
                            .memory_bytes = found->at("memory_bytes"),
                            .system = found->at("system")},
                .libraries = {},
                .threads = found->at("threads"),
                .precision = found->at("precision"),
                .from_step = start.at("step")};
  for (const HistoryJson& library : found->at("libraries"))
    e.libraries.push_back({.name = library.at("name"),
                           .version = library.at("version"),
                           .instructions = library.at("instructions")});
  return e;
}

HistoryJson json_of(const RunEnd& end) {
  return {{"type", "end"}, {"cause", kCauses[end.cause]}, {"step", end.step}, {"what", end.what}};
}

RunEnd end_from(const HistoryJson& json) {
  if (json.at("type") == "finish")
    return {.cause = json.at("stopped_early").get<bool>() ? RunEnd::stopped_early : RunEnd::finished,
            .step = json.at("steps"),
            .what = {}};
  RunEnd end{.cause = RunEnd::interrupted, .step = json.at("step"), .what = json.at("what")};
  const auto found = std::find(std::begin(kCauses), std::end(kCauses), json.at("cause").get<std::string>());
  if (found != std::end(kCauses)) end.cause = static_cast<RunEnd::Cause>(found - std::begin(kCauses));
  return end;
}

}  // namespace gradus::train
