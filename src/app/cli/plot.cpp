#include "app/cli/plot.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/text.h"

namespace gradus::cli {

std::string plot(const std::vector<double>& xs, const std::vector<double>& ys, const PlotOptions& options) {
  GRADUS_CHECK(xs.size() == ys.size() && options.columns > 1 && options.rows > 1);
  if (xs.empty()) return "";
  const auto position = [&](double x) { return options.log_x ? std::log(x) : x; };
  const double left = position(xs.front()), right = position(xs.back());
  const auto [lowest, highest] = std::minmax_element(ys.begin(), ys.end());
  const double low = *lowest, high = *highest;
  // The cell of a share of `cells`; everything stands in the first one if there is no range.
  const auto cell = [](double from_start, double range, int cells) {
    const double share = range > 0 ? from_start / range : 0;
    return static_cast<std::size_t>(
        std::clamp(std::lround(share * (cells - 1)), 0L, static_cast<long>(cells) - 1));
  };
  const auto column = [&](double x) { return cell(position(x) - left, right - left, options.columns); };
  std::vector<std::string> area(static_cast<std::size_t>(options.rows),
                                std::string(static_cast<std::size_t>(options.columns), ' '));
  for (std::size_t i = 0; i < xs.size(); ++i)
    area[cell(high - ys[i], high - low, options.rows)][column(xs[i])] = '*';
  std::string below(static_cast<std::size_t>(options.columns), '-');
  for (const double mark : options.marks) below[column(mark)] = '|';

  const std::string top = measure(high), bottom = measure(low);
  const std::size_t margin = std::max(top.size(), bottom.size());
  const auto line = [&](const std::string& label, std::string content) {
    content.erase(content.find_last_not_of(' ') + 1);
    return std::string(margin - label.size(), ' ') + label + " |" + content + "\n";
  };
  std::string text;
  for (std::size_t row = 0; row < area.size(); ++row)
    text += line(row == 0 ? top : row + 1 == area.size() ? bottom : "", area[row]);
  text += std::string(margin, ' ') + " +" + below + "\n";
  const std::string first = measure(xs.front()), last = measure(xs.back());
  const std::size_t gap = static_cast<std::size_t>(options.columns) -
                          std::min(static_cast<std::size_t>(options.columns) - 1, first.size() + last.size());
  return text + std::string(margin + 2, ' ') + first + std::string(gap, ' ') + last + "\n";
}

}  // namespace gradus::cli
