// Numbers and lists in texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gradus::data {

std::string_view trim(std::string_view text);  // without spaces and tabs at both ends

// The number a text is as a whole (an optional sign, digits, point, exponent; inf and nan too), or nothing.
// Values beyond double's range become infinite or 0.
std::optional<double> parse_number(std::string_view text);

// The integer a text is as a whole: an optional sign and digits, within 64 bits.
std::optional<std::int64_t> parse_integer(std::string_view text);

std::vector<std::string> split_list(std::string_view text, char separator);  // "a|b" -> a, b; "" -> none

}  // namespace gradus::data
