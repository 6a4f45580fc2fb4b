#include "app/figures/sparkline.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

namespace gradus::figures {

std::string sparkline(const std::vector<double>& values, std::size_t columns, bool unicode) {
  constexpr const char* kBlocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::string_view kPlain = "_.:-=+*#";
  const std::size_t parts = std::min(columns, values.size());
  std::vector<double> means;
  for (std::size_t part = 0; part < parts; ++part) {
    double sum = 0, count = 0;
    for (std::size_t i = part * values.size() / parts; i < (part + 1) * values.size() / parts; ++i)
      if (std::isfinite(values[i])) sum += values[i], ++count;
    means.push_back(sum / count);  // 0 / 0: none
  }
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double mean : means)
    if (std::isfinite(mean)) low = std::min(low, mean), high = std::max(high, mean);
  const bool logarithmic = low > 0 && high > 10 * low;
  const auto share = [&](double x) {
    if (!(high > low)) return 0.0;
    return logarithmic ? std::log(x / low) / std::log(high / low) : (x - low) / (high - low);
  };
  std::string text;
  for (const double mean : means) {
    const std::size_t level =
        std::isfinite(mean) ? std::min(static_cast<std::size_t>(share(mean) * 8), kPlain.size() - 1) : 0;
    if (!std::isfinite(mean))
      text += ' ';
    else if (unicode)
      text += kBlocks[level];
    else
      text += kPlain[level];
  }
  return text;
}

}  // namespace gradus::figures
