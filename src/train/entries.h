// Entries of a model's `layers`, chosen by their numbers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gradus/nn.h"

namespace gradus::train {

// "0-2,5" as one flag for each of the `count` entries. Fault::usage: other texts, entries that are not there;
// `where` opens messages.
std::vector<bool> parse_entries(std::string_view text, std::int64_t count, const std::string& where);

// Gives these entries the option freeze = true.
void freeze_entries(nn::ModelSpec& spec, std::string_view text, const std::string& where);

}  // namespace gradus::train
