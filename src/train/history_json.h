// The objects of history.jsonl's lines, read. Json::exception where something is missing or of another type.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "gradus/health.h"
#include "gradus/train.h"
#include "train/circumstances.h"

namespace gradus::train {

using HistoryJson = nlohmann::ordered_json;  // writes null for NaN and infinity

inline double number_from(const HistoryJson& json) {
  return json.is_null() ? std::nan("") : json.get<double>();
}

template <class T>
std::optional<T> optional_from(const HistoryJson& json) {
  if (json.is_null()) return std::nullopt;
  return json.get<T>();
}

template <class T>
HistoryJson json_or_null(const std::optional<T>& value) {
  return value ? HistoryJson(*value) : HistoryJson(nullptr);
}

std::optional<Scores> scores_from(const HistoryJson& json);
EpochEvent epoch_from(const HistoryJson& json);  // all but total_epochs and epochs_without_gain
Finding finding_from(const HistoryJson& json);
HistoryJson json_of(const Environment& environment);  // all but from_step, which is its line's step
HistoryJson json_of(const RunEnd& end);
// Of a start line; none if it is of a version that did not tell.
std::optional<Environment> environment_from(const HistoryJson& start);
RunEnd end_from(const HistoryJson& json);  // of an end or a finish line

}  // namespace gradus::train
