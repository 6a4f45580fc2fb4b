// Names of enumerations in files.
#pragma once

#include <optional>
#include <string_view>

#include "gradus/data.h"

namespace gradus::train {

inline constexpr std::pair<std::string_view, data::Kind> kKinds[] = {
    {"classes", data::Kind::classes},
    {"real", data::Kind::real},
    {"multi_label", data::Kind::multi_label},
    {"probabilities", data::Kind::probabilities}};
inline constexpr std::pair<std::string_view, data::Missing> kMissing[] = {{"refuse", data::Missing::refuse},
                                                                          {"mean", data::Missing::mean},
                                                                          {"median", data::Missing::median},
                                                                          {"drop", data::Missing::drop}};

template <class T, std::size_t N>
constexpr std::string_view name_in(const std::pair<std::string_view, T> (&table)[N], T value) {
  for (const auto& [name, known] : table)
    if (known == value) return name;
  return "";
}
template <class T, std::size_t N>
constexpr std::optional<T> value_in(const std::pair<std::string_view, T> (&table)[N], std::string_view text) {
  for (const auto& [name, known] : table)
    if (name == text) return known;
  return std::nullopt;
}

constexpr std::string_view print(data::Kind kind) { return name_in(kKinds, kind); }
constexpr std::string_view print(data::Missing missing) { return name_in(kMissing, missing); }

}  // namespace gradus::train
