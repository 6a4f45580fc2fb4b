#include "base/call_text.h"

#include <charconv>
#include <cmath>

#include "base/check.h"

namespace gradus {

CallText parse_call(std::string_view text, const std::string& where, Fault fault) {
  CallText call;
  const std::size_t colon = text.find(':');
  call.name = text.substr(0, colon);
  require(fault, !call.name.empty(), "{}: a name was needed, got nothing.", where);
  if (colon == std::string_view::npos) return call;
  std::string_view rest = text.substr(colon + 1);
  while (true) {
    const std::size_t comma = rest.find(',');
    const std::string_view argument = rest.substr(0, comma);
    const std::size_t equals = argument.find('=');
    require(fault, equals != std::string_view::npos && equals > 0 && equals + 1 < argument.size(),
            "{}: key=value was needed, got '{}'. Write {}:key=value,key=value.", where, argument, call.name);
    std::string key(argument.substr(0, equals));
    for (const auto& [known, value] : call.arguments)
      require(fault, known != key, "{}: '{}' is given twice. Leave one out.", where, key);
    call.arguments.emplace_back(std::move(key), argument.substr(equals + 1));
    if (comma == std::string_view::npos) return call;
    rest.remove_prefix(comma + 1);
  }
}

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return {};
  return number;
}

bool is_number_out_of_range(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc::result_out_of_range && end == text.data() + text.size();
}

}  // namespace gradus
