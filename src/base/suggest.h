// "Did you mean": the nearest known name to an unknown one.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gradus {

// Number of insertions, deletions, substitutions and swaps of neighbours between a and b
// (optimal string alignment distance, Damerau 1964).
int edit_distance(std::string_view a, std::string_view b);

// " Did you mean 'x'?" for the nearest of `known` within a third of the name's length, else "".
std::string did_you_mean(std::string_view name, const std::vector<std::string>& known);

}  // namespace gradus
