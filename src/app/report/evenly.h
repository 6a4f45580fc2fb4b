// A choice from a long list.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace gradus::report {

// At most `most` places of `all`, evenly spaced, the first and the last among them.
inline std::vector<std::size_t> evenly(std::size_t all, std::size_t most) {
  std::vector<std::size_t> places;
  const std::size_t count = std::min(all, most);
  for (std::size_t i = 0; i < count; ++i) places.push_back(count > 1 ? i * (all - 1) / (count - 1) : 0);
  return places;
}

}  // namespace gradus::report
