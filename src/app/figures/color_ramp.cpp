#include "app/figures/color_ramp.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace gradus::figures {
namespace {

using Colour = std::array<double, 3>;

constexpr Colour kBlue[] = {{234, 243, 251}, {190, 215, 236}, {122, 178, 217},
                            {64, 135, 192},  {22, 90, 158},   {8, 48, 107}};
constexpr Colour kViridis[] = {{68, 1, 84},    {71, 44, 122}, {59, 81, 139},  {44, 113, 142}, {33, 144, 141},
                               {39, 173, 129}, {92, 200, 99}, {170, 220, 50}, {253, 231, 37}};

Colour at(Ramp ramp, double share) {
  const std::span<const Colour> stops =
      ramp == Ramp::blue ? std::span<const Colour>(kBlue) : std::span<const Colour>(kViridis);
  const double place =
      (std::isnan(share) ? 0 : std::clamp(share, 0.0, 1.0)) * static_cast<double>(stops.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(place), stops.size() - 2);
  const double rest = place - static_cast<double>(below);
  Colour mixed{};
  for (std::size_t c = 0; c < 3; ++c) mixed[c] = stops[below][c] * (1 - rest) + stops[below + 1][c] * rest;
  return mixed;
}

}  // namespace

std::string colour(Ramp ramp, double share) {
  const Colour c = at(ramp, share);
  return fmt::format("#{:02x}{:02x}{:02x}", std::lround(c[0]), std::lround(c[1]), std::lround(c[2]));
}

bool is_dark(Ramp ramp, double share) {
  const Colour c = at(ramp, share);
  return 0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2] < 140;  // luma, ITU-R BT.601
}

}  // namespace gradus::figures
