// The random choices of an augmentation for one example, as a function of (seed, epoch, row).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "gradus/data.h"

namespace gradus::data {

// Rows [top, top + height) and columns [left, left + width) of an image.
struct Box {
  std::int64_t top = 0, left = 0, height = 0, width = 0;
};

// How an image of the same size is made of another: first moved (pixel (y, x) comes from (y + down, x +
// right); what lies outside is 0), then mirrored, then erased.
struct Placement {
  std::int64_t down = 0, right = 0;
  bool flip = false;
  std::array<Box, 2> erased;  // within the image; empty boxes erase nothing

  bool moves() const { return down != 0 || right != 0 || flip; }
  // Along an axis, the places [first, last) that come from within the old image.
  static std::pair<std::int64_t, std::int64_t> inside(std::int64_t shift, std::int64_t extent) {
    return {std::clamp<std::int64_t>(-shift, 0, extent), std::clamp<std::int64_t>(extent - shift, 0, extent)};
  }
};

Placement draw_placement(const Augmentation& augmentation, std::uint64_t seed, std::int64_t epoch,
                         std::int64_t row, std::int64_t height, std::int64_t width);

// With whom an example is mixed, and its own share.
struct Mix {
  std::int64_t partner = 0;
  double share = 1;  // in [0, 1]
};

Mix draw_mix(const Augmentation& augmentation, std::uint64_t seed, std::int64_t epoch, std::int64_t row,
             std::int64_t rows);

}  // namespace gradus::data
