#include "app/figures/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace gradus::figures {
namespace {

double nice_step(double range, int count) {
  const double rough = range / std::max(count, 1), power = std::pow(10.0, std::floor(std::log10(rough)));
  // The nearest of 1, 2, 5 and 10.
  const double times = rough / power;
  return power * (times < 1.5 ? 1 : times < 3.5 ? 2 : times < 7.5 ? 5 : 10);
}

}  // namespace

double Axis::share(double value) const {
  return log ? (std::log(value) - std::log(low)) / (std::log(high) - std::log(low))
             : (value - low) / (high - low);
}

Axis linear_axis(double low, double high, int count) {
  GRADUS_CHECK(std::isfinite(low) && std::isfinite(high) && low <= high);
  // The difference must not overflow.
  low = std::clamp(low, -1e300, 1e300), high = std::clamp(high, -1e300, 1e300);
  if (high - low <= 1e-12 * std::max(std::abs(low), std::abs(high)) || high - low < 1e-300) {
    const double margin = low == 0 ? 1 : std::abs(low) / 2;
    low -= margin, high += margin;
  }
  Axis axis{.low = low, .high = high, .log = false, .ticks = {}};
  const double step = nice_step(high - low, count);
  const auto first = static_cast<long>(std::ceil(low / step - 1e-9));
  for (long i = first; static_cast<double>(i) * step <= high + 1e-9 * step; ++i)
    axis.ticks.push_back(i == 0 ? 0.0 : std::clamp(static_cast<double>(i) * step, low, high));
  return axis;
}

Axis log_axis(double low, double high, int count) {
  GRADUS_CHECK(low > 0 && low <= high && std::isfinite(high));
  if (high / low < 1 + 1e-9) low /= 2, high *= 2;
  Axis axis{.low = low, .high = high, .log = true, .ticks = {}};
  const int first = static_cast<int>(std::floor(std::log10(low))),
            last = static_cast<int>(std::ceil(std::log10(high)));
  const int every = std::max(1, (last - first) / std::max(count, 1));
  const bool between = std::log10(high / low) < 2;
  for (int power = first; power <= last; power += every) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double tick = factor * std::pow(10.0, power);
      if ((factor == 1 || between) && tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9))
        axis.ticks.push_back(std::clamp(tick, low, high));
    }
  }
  return axis;
}

std::string tick_text(double value) {
  const double size = std::abs(value);
  if (size >= 1e6 && size < 1e9) return fmt::format("{:.4g}M", value / 1e6);
  if (size >= 1e4 && size < 1e6) return fmt::format("{:.4g}k", value / 1e3);
  return fmt::format("{:.4g}", value);
}

}  // namespace gradus::figures
