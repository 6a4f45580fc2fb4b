#include "data/labels.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "base/check.h"

namespace gradus::data {
namespace {

constexpr std::size_t kNamesShown = 5;
constexpr std::int64_t kMaxClasses = std::int64_t{1} << 24;  // what comes after counts and allocates by class

template <class T>
std::vector<T> sorted_set(std::span<const T> labels) {
  std::vector<T> values(labels.begin(), labels.end());
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

EncodedLabels as_given(std::span<const std::int64_t> labels, const LabelPlace& place) {
  EncodedLabels result;
  result.y = Tensor(DType::i64, Shape{static_cast<std::int64_t>(labels.size())});
  const auto y = result.y.values<std::int64_t>();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    require(Fault::data, labels[i] >= 0, "{}: labels must be class indices of 0 or more, {} has {}.",
            place.where, place.row(static_cast<std::int64_t>(i)), labels[i]);
    require(Fault::data, labels[i] < kMaxClasses, "{}: class indices must be below {}, {} has {}.",
            place.where, kMaxClasses, place.row(static_cast<std::int64_t>(i)), labels[i]);
    y[i] = labels[i];
    result.classes = std::max(result.classes, labels[i] + 1);
  }
  return result;
}

EncodedLabels by_map(std::span<const std::string> labels, const LabelMap& map, const LabelPlace& place) {
  std::unordered_map<std::string_view, std::int64_t> index;
  for (const std::string& value : map.values) index.emplace(value, static_cast<std::int64_t>(index.size()));
  EncodedLabels result;
  result.classes = static_cast<std::int64_t>(map.values.size());
  result.map = map;
  result.y = Tensor(DType::i64, Shape{static_cast<std::int64_t>(labels.size())});
  const auto y = result.y.values<std::int64_t>();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto found = index.find(labels[i]);
    require(Fault::data, found != index.end(), "{}: labels must be among {}, {} has '{}'.", place.where,
            list_names(map.values), place.row(static_cast<std::int64_t>(i)), labels[i]);
    y[i] = found->second;
  }
  return result;
}

std::vector<std::string> as_texts(std::span<const std::int64_t> labels) {
  std::vector<std::string> texts;
  texts.reserve(labels.size());
  for (const std::int64_t label : labels) texts.push_back(std::to_string(label));
  return texts;
}

}  // namespace

std::string list_names(std::span<const std::string> names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamesShown); ++i)
    text += fmt::format("{}'{}'", i ? ", " : "", names[i]);
  if (names.size() > kNamesShown) text += fmt::format(", ... ({} in all)", names.size());
  return text;
}

EncodedLabels encode_integers(std::span<const std::int64_t> labels, const std::optional<LabelMap>& known,
                              const LabelPlace& place) {
  if (known) {
    return known->as_given() ? as_given(labels, place) : by_map(as_texts(labels), *known, place);
  }
  const std::vector<std::int64_t> values = sorted_set(labels);
  const bool counts_from_zero =
      !values.empty() && values.front() == 0 && values.back() == static_cast<std::int64_t>(values.size()) - 1;
  if (counts_from_zero) return as_given(labels, place);
  return by_map(as_texts(labels), LabelMap{as_texts(values)}, place);
}

EncodedLabels encode_texts(std::span<const std::string> labels, const std::optional<LabelMap>& known,
                           const LabelPlace& place) {
  if (!known) return by_map(labels, LabelMap{sorted_set(labels)}, place);
  if (!known->as_given()) return by_map(labels, *known, place);
  std::vector<std::int64_t> indices(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::string& label = labels[i];
    const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), indices[i]);
    require(Fault::data, error == std::errc() && end == label.data() + label.size(),
            "{}: labels must be class indices of 0 or more, {} has '{}'.", place.where,
            place.row(static_cast<std::int64_t>(i)), label);
  }
  return as_given(indices, place);
}

}  // namespace gradus::data
