#include "app/figures/bars.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/figures/axis.h"
#include "base/text.h"

namespace gradus::figures {
namespace {

constexpr int kWidth = 560, kTop = 30, kRowHeight = 112, kBars = 58, kMargin = 14, kGap = 24;

std::string panel(const Bars& bars, double left, double width, double floor) {
  std::string svg = svg_text(left, floor - kBars - 4, bars.label, Anchor::start, "class=\"small\"");
  svg += fmt::format("<path class=\"axis\" d=\"M{:.1f} {:.1f}h{:.1f}\"/>\n", left, floor, width);
  if (bars.counts.empty())
    return svg + svg_text(left, floor - 8, "no finite numbers", Anchor::start, "class=\"small\"");
  const double most = static_cast<double>(
      std::max<std::int64_t>(*std::max_element(bars.counts.begin(), bars.counts.end()), 1));
  const auto parts = static_cast<double>(bars.counts.size());
  const double bar = width / parts;
  for (std::size_t i = 0; i < bars.counts.size(); ++i) {
    if (bars.counts[i] == 0) continue;
    const auto place = static_cast<double>(i);
    const double height = std::max(static_cast<double>(bars.counts[i]) / most * kBars, 0.8);
    const double from = bars.low + (bars.high - bars.low) * place / parts;
    const double to = bars.low + (bars.high - bars.low) * (place + 1) / parts;
    svg += fmt::format(
        "<rect class=\"fill{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>{} to "
        "{}: {}</title></rect>\n",
        bars.tone, left + place * bar, floor - height, std::max(bar - 0.7, 0.5), height, measure(from),
        measure(to), grouped(bars.counts[i]));
  }
  const Axis axis{.low = bars.low, .high = bars.high, .log = false, .ticks = {}};
  if (bars.low < 0 && bars.high > 0 && axis.share(0) > 0.2 && axis.share(0) < 0.8)
    svg += svg_text(left + axis.share(0) * width, floor + 13, "0", Anchor::middle, "class=\"small\"");
  return svg + svg_text(left, floor + 13, tick_text(bars.low), Anchor::start, "class=\"small\"") +
         svg_text(left + width, floor + 13, tick_text(bars.high), Anchor::end, "class=\"small\"");
}

}  // namespace

Figure drawn(const std::string& name, const std::string& title, const std::vector<BarRow>& rows) {
  std::string svg = title.empty() ? "" : svg_text(kMargin, 18, title, Anchor::start, "class=\"title\"");
  double top = title.empty() ? 4 : kTop;
  for (const BarRow& row : rows) {
    svg += svg_text(kMargin, top + 12, row.title);
    const auto panels = static_cast<double>(std::max<std::size_t>(row.panels.size(), 1));
    const double width = (kWidth - 2 * kMargin - (panels - 1) * kGap) / panels;
    double left = kMargin;
    for (const Bars& bars : row.panels) {
      svg += panel(bars, left, width, top + kRowHeight - 22);
      left += width + kGap;
    }
    top += kRowHeight;
  }
  return {.name = name,
          .title = title.empty() ? name : title,
          .width = kWidth,
          .height = static_cast<int>(top) + 6,
          .body = svg};
}

}  // namespace gradus::figures
