// Texts of the form NAME:key=value,key=value, by which users choose initializers and schedules.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gradus/error.h"

namespace gradus {

struct CallText {
  std::string name;
  std::vector<std::pair<std::string, std::string>> arguments;  // in the order written, keys distinct
};

// `where` opens the messages. Error(fault): an empty name, an argument without '=', a key given twice.
CallText parse_call(std::string_view text, const std::string& where, Fault fault);

// The number a text is, all of it; none for anything else (NaN and infinities too).
std::optional<double> parse_number(std::string_view text);

// Whether it is a number that double cannot hold, as 1e-400 and 1e400 are.
bool is_number_out_of_range(std::string_view text);

}  // namespace gradus
