#include "train/entries.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"

namespace gradus::train {

namespace {

// The number text begins with, taken off it.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

}  // namespace

std::vector<bool> parse_entries(std::string_view text, std::int64_t count, const std::string& where) {
  std::vector<bool> chosen(static_cast<std::size_t>(count));
  for (std::string_view rest = text;;) {
    const std::optional<std::int64_t> first = take_number(rest);
    std::optional<std::int64_t> last = first;
    if (first && rest.starts_with('-')) {
      rest.remove_prefix(1);
      last = take_number(rest);
    }
    require(Fault::usage, first && last && *first <= *last && (rest.empty() || rest[0] == ','),
            "{}: numbers of the model's layers were needed, as in 0-2,5, got '{}'.", where, text);
    require(Fault::usage, *last < count, "{}: there is no layer {}, the model has {}, from 0.", where, *last,
            count);
    std::fill(chosen.begin() + *first, chosen.begin() + *last + 1, true);
    if (rest.empty()) return chosen;
    rest.remove_prefix(1);
  }
}

void freeze_entries(nn::ModelSpec& spec, std::string_view text, const std::string& where) {
  const std::vector<bool> chosen = parse_entries(text, static_cast<std::int64_t>(spec.layers.size()), where);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (!chosen[i]) continue;
    std::vector<nn::OptionSpec>& options = spec.layers[i].options;
    const auto given = std::find_if(options.begin(), options.end(),
                                    [](const nn::OptionSpec& option) { return option.name == "freeze"; });
    if (given != options.end())
      given->value = true;
    else
      options.push_back({"freeze", true});
  }
}

}  // namespace gradus::train
