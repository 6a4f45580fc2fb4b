// A curve in one line of text.
#pragma once

#include <string>
#include <vector>

namespace gradus::figures {

// A character for each part of the values, its height their mean, by its logarithm where the means span more
// than a factor of 10; a space where none is finite. At most `columns` characters.
std::string sparkline(const std::vector<double>& values, std::size_t columns, bool unicode);

}  // namespace gradus::figures
