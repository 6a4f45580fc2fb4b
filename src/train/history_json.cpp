#include "train/history_json.h"

namespace gradus::train {

namespace {

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
  return {.rule = json.at("rule").get<std::string>(),
          .place = json.at("place").get<std::string>(),
          .step = json.at("step").get<std::int64_t>(),
          .evidence = json.at("evidence").get<std::string>(),
          .remedy = json.at("remedy").get<std::string>()};
}

}  // namespace gradus::train
