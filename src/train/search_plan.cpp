// What a search tries: axes from text, and the trials they make.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/call_text.h"
#include "base/check.h"
#include "base/philox.h"
#include "base/streams.h"
#include "gradus/search.h"

namespace gradus::train {

namespace {

constexpr std::pair<std::string_view, SearchAxis::Scale> kScales[] = {{"uniform", SearchAxis::uniform},
                                                                      {"log", SearchAxis::log},
                                                                      {"int", SearchAxis::integer},
                                                                      {"logint", SearchAxis::log_integer}};

// "key=rest", the key checked.
std::pair<std::string, std::string_view> cut(std::string_view text, const char* flag) {
  const std::size_t equals = text.find('=');
  require(Fault::usage, equals != std::string_view::npos && equals > 0 && equals + 1 < text.size(),
          "{}: KEY=VALUES was needed, got '{}'.", flag, text);
  const ConfigKey& key = find_key(text.substr(0, equals));
  require(Fault::usage, key.saved, "{}: {} is about the call, not about training. Leave it out.", flag,
          key.name);
  return {key.name, text.substr(equals + 1)};
}

std::vector<std::string> listed(std::string_view text, const std::string& where) {
  const char separator = text.find(';') == std::string_view::npos ? ',' : ';';
  std::vector<std::string> values;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    std::string value(text.substr(begin, end - begin));
    require(Fault::usage, !value.empty(), "{}: a value between the separators was needed, got '{}'.", where,
            text);
    require(Fault::usage, std::find(values.begin(), values.end(), value) == values.end(),
            "{}: {} stands there twice. Leave one out.", where, value);
    values.push_back(std::move(value));
    begin = end + 1;
  }
  return values;
}

// A range A..B after its scale; false: it is a list.
bool read_range(std::string_view text, SearchAxis& axis, const std::string& where) {
  const std::size_t colon = text.find(':'), dots = text.find("..");
  if (dots == std::string_view::npos || colon == std::string_view::npos || colon > dots) return false;
  const auto scale = std::find_if(std::begin(kScales), std::end(kScales),
                                  [&](const auto& known) { return known.first == text.substr(0, colon); });
  require(Fault::usage, scale != std::end(kScales),
          "{}: uniform, log, int or logint was needed before the range, got '{}'.", where,
          text.substr(0, colon));
  axis.scale = scale->second;
  const auto low = parse_number(text.substr(colon + 1, dots - colon - 1)),
             high = parse_number(text.substr(dots + 2));
  require(Fault::usage, low && high && *low < *high, "{}: a range A..B with A < B was needed, got '{}'.",
          where, text);
  axis.low = *low, axis.high = *high;
  const bool logarithmic = axis.scale == SearchAxis::log || axis.scale == SearchAxis::log_integer;
  require(Fault::usage, !logarithmic || axis.low > 0, "{}: a logarithmic range must begin above 0, got '{}'.",
          where, text);
  const bool whole = axis.scale == SearchAxis::integer || axis.scale == SearchAxis::log_integer;
  require(Fault::usage, !whole || (axis.low == std::floor(axis.low) && axis.high == std::floor(axis.high)),
          "{}: a range of whole numbers was needed, got '{}'.", where, text);
  return true;
}

// Numbers are rounded to what their text says, so that the text gives them back.
std::string draw(const SearchAxis& axis, const RandomSequence& random, std::int64_t number) {
  const auto index = static_cast<std::uint64_t>(number);
  if (axis.scale == SearchAxis::listed) return axis.values[random.below(index, axis.values.size())];
  const double u = random.uniform(index);
  const bool whole = axis.scale == SearchAxis::integer || axis.scale == SearchAxis::log_integer;
  const bool logarithmic = axis.scale == SearchAxis::log || axis.scale == SearchAxis::log_integer;
  const double high = axis.high + (whole ? 1 : 0);
  const double x = logarithmic ? axis.low * std::pow(high / axis.low, u) : axis.low + u * (high - axis.low);
  if (whole) return fmt::format("{}", static_cast<std::int64_t>(std::min(std::floor(x), axis.high)));
  return fmt::format("{:.4g}", x);
}

std::string name_of(const Trial& trial) {
  std::string name;
  for (const auto& [key, value] : trial.settings)
    name += fmt::format("{}{}={}", name.empty() ? "" : ",", key, value);
  return name.empty() ? "base" : name;
}

void require_distinct(const SearchOptions& options) {
  std::vector<std::string> keys;
  for (const auto* axes : {&options.grid, &options.random}) {
    for (const SearchAxis& axis : *axes) {
      require(Fault::usage, std::find(keys.begin(), keys.end(), axis.key) == keys.end(),
              "tune: {} is searched twice. Leave one out.", axis.key);
      keys.push_back(axis.key);
    }
  }
  require(Fault::usage, !keys.empty(), "tune: something to search was needed. Give --grid or --random.");
}

}  // namespace

SearchAxis parse_grid(std::string_view text) {
  const auto [key, rest] = cut(text, "--grid");
  return {.key = key, .values = listed(rest, "--grid: " + key)};
}

SearchAxis parse_random(std::string_view text) {
  const auto [key, rest] = cut(text, "--random");
  SearchAxis axis{.key = key};
  const std::string where = "--random: " + key;
  if (!read_range(rest, axis, where)) axis.values = listed(rest, where);
  return axis;
}

std::vector<Trial> plan_trials(const SearchOptions& options, std::uint64_t seed) {
  require_distinct(options);
  require(Fault::usage, options.trials >= 1, "tune: at least 1 trial was needed, got {}.", options.trials);
  require(Fault::usage, options.trials == 1 || !options.random.empty(),
          "tune: --trials counts draws of --random, which was not given. Leave it out.");
  std::int64_t cells = 1;
  for (const SearchAxis& axis : options.grid) cells *= static_cast<std::int64_t>(axis.values.size());
  require(Fault::usage, cells * options.trials <= 100000, "tune: {} trials are too many. Take fewer values.",
          cells * options.trials);
  std::vector<Trial> trials;
  for (std::int64_t cell = 0; cell < cells; ++cell) {
    for (std::int64_t number = 0; number < options.trials; ++number) {
      Trial trial;
      std::int64_t below = cells, rest = cell;
      for (const SearchAxis& axis : options.grid) {
        below /= static_cast<std::int64_t>(axis.values.size());
        trial.settings.emplace_back(axis.key, axis.values[static_cast<std::size_t>(rest / below)]);
        rest %= below;
      }
      for (std::size_t k = 0; k < options.random.size(); ++k)
        trial.settings.emplace_back(
            options.random[k].key, draw(options.random[k], RandomSequence(seed, stream::kSearch, k), number));
      trial.name = name_of(trial);
      const bool known =
          std::any_of(trials.begin(), trials.end(), [&](const Trial& t) { return t.name == trial.name; });
      if (!known) trials.push_back(std::move(trial));  // lists may be drawn alike
    }
  }
  return trials;
}

}  // namespace gradus::train
