#include "app/figures/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/figures/axis.h"
#include "app/figures/markup.h"
#include "base/text.h"

namespace gradus::figures {
namespace {

constexpr int kWidth = 560, kHeight = 320, kLeft = 66, kRight = 14, kTop = 52, kBottom = 44;
constexpr int kPlotWidth = kWidth - kLeft - kRight, kPlotHeight = kHeight - kTop - kBottom;
constexpr std::size_t kDots = 40, kHits = 80;  // points up to which all are marked; places with a number

constexpr const char* kLooks[] = {"line", "line faint", "line dashed", ""};

class Drawing {
 public:
  explicit Drawing(const Chart& chart) : chart_(chart) {
    std::vector<Point> all;
    for (const Line& line : chart.lines) all.insert(all.end(), line.points.begin(), line.points.end());
    std::vector<Point> across;
    for (const Point& point : all)
      if (std::isfinite(point.y)) across.push_back({0, point.x});
    auto xs = range_of(across).value_or(std::pair(0.0, 1.0));
    auto ys = range_of(all).value_or(chart.log_y ? std::pair(0.1, 1.0) : std::pair(0.0, 1.0));
    if (chart.diagonal) xs = ys = {std::min(xs.first, ys.first), std::max(xs.second, ys.second)};
    x_ = linear_axis(xs.first, xs.second, 6);
    y_ = chart.log_y ? log_axis(ys.first, ys.second) : linear_axis(ys.first, ys.second);
    widen(y_);
    if (chart.diagonal) widen(x_);
  }

  std::string body() {
    std::string svg = svg_text(kLeft, 18, chart_.title, Anchor::start, "class=\"title\"") + legend() + axes();
    if (chart_.mark) {
      const double x = left(chart_.mark->x);
      const bool right = x > kLeft + kPlotWidth * 0.7;
      svg += fmt::format("<path class=\"axis dashed\" d=\"M{:.1f} {}V{}\"/>\n", x, kTop, kTop + kPlotHeight);
      svg += svg_text(x + (right ? -4 : 4), kTop - 3, chart_.mark->text, right ? Anchor::end : Anchor::start,
                      "class=\"small\"");
    }
    if (chart_.diagonal)
      svg += fmt::format("<path class=\"axis dashed\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>\n", left(x_.low),
                         top(x_.low), left(x_.high), top(x_.high));
    for (const Line& line : chart_.lines)
      if (line.look == Line::faint) svg += drawn_line(line);
    for (const Line& line : chart_.lines)
      if (line.look != Line::faint) svg += drawn_line(line);
    return svg;
  }

 private:
  // A little air above and below the curves.
  static void widen(Axis& axis) {
    if (axis.log) {
      const double air = std::pow(axis.high / axis.low, 0.04);
      axis.low /= air, axis.high *= air;
    } else {
      const double air = (axis.high - axis.low) * 0.04;
      axis.low -= air, axis.high += air;
    }
  }

  double left(double x) const { return kLeft + x_.share(x) * kPlotWidth; }
  double top(double y) const { return kTop + (1 - y_.share(y)) * kPlotHeight; }

  std::string legend() const {
    std::string svg;
    double x = kLeft;
    for (const Line& line : chart_.lines) {
      if (line.name.empty()) continue;
      svg +=
          line.look == Line::dots
              ? fmt::format("<circle class=\"fill{}\" cx=\"{:.1f}\" cy=\"34\" r=\"3\"/>\n", line.tone, x + 9)
              : fmt::format("<path class=\"{} tone{}\" d=\"M{:.1f} 34h18\"/>\n", kLooks[line.look], line.tone,
                            x);
      svg += svg_text(x + 23, 38, line.name, Anchor::start, "class=\"small\"");
      x += 36 + 6.2 * static_cast<double>(columns_of(line.name));
    }
    return svg;
  }

  std::string axes() const {
    std::string svg;
    for (const double tick : y_.ticks) {
      svg += fmt::format("<path class=\"grid\" d=\"M{} {:.1f}h{}\"/>\n", kLeft, top(tick), kPlotWidth);
      svg += svg_text(kLeft - 6, top(tick) + 4, tick_text(tick), Anchor::end, "class=\"small\"");
    }
    for (const double tick : x_.ticks) {
      svg += fmt::format("<path class=\"axis\" d=\"M{:.1f} {}v4\"/>\n", left(tick), kTop + kPlotHeight);
      svg +=
          svg_text(left(tick), kTop + kPlotHeight + 17, tick_text(tick), Anchor::middle, "class=\"small\"");
    }
    svg += fmt::format("<path class=\"axis\" d=\"M{} {}V{}H{}\"/>\n", kLeft, kTop, kTop + kPlotHeight,
                       kLeft + kPlotWidth);
    svg += svg_text(kLeft + kPlotWidth / 2.0, kHeight - 8, chart_.x_label, Anchor::middle);
    const double middle = kTop + kPlotHeight / 2.0;
    return svg + svg_text(14, middle, chart_.y_label, Anchor::middle,
                          fmt::format("transform=\"rotate(-90 14 {:.1f})\"", middle));
  }

  std::string drawn_line(const Line& line) const {
    const bool dots = line.look == Line::dots;
    const std::vector<Point> points =
        dots ? line.points : thinned(line.points, static_cast<std::size_t>(kPlotWidth));
    std::string path, marks;
    const std::size_t every = std::max<std::size_t>(points.size() / kHits, 1);
    const bool all_marked = line.look != Line::faint && points.size() <= kDots;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const Point& point = points[i];
      if (!std::isfinite(point.y)) continue;
      const bool joined = i > 0 && std::isfinite(points[i - 1].y);
      const bool alone = !joined && (i + 1 == points.size() || !std::isfinite(points[i + 1].y));
      if (!dots) path += fmt::format("{}{:.1f} {:.1f}", joined ? "L" : "M", left(point.x), top(point.y));
      if (dots || all_marked || alone || i % every == 0 || i + 1 == points.size())
        marks += marked(line, point, dots || all_marked || alone);
    }
    if (path.empty()) return marks;
    return fmt::format("<path class=\"{} tone{}\" d=\"{}\"/>\n", kLooks[line.look], line.tone, path) + marks;
  }

  std::string marked(const Line& line, const Point& point, bool visible) const {
    const std::string kind = visible ? fmt::format("fill{}", line.tone) : "hit";
    return fmt::format(
        "<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\"><title>{}{} {}: {}</title></circle>\n",
        kind, left(point.x), top(point.y), visible ? "2.5" : "5",
        line.name.empty() ? "" : escaped(line.name) + ", ", escaped(chart_.x_label), measure(point.x),
        measure(point.y));
  }

  const Chart& chart_;
  Axis x_, y_;
};

}  // namespace

Figure drawn(const Chart& chart) {
  return {.name = chart.name,
          .title = chart.title,
          .width = kWidth,
          .height = kHeight,
          .body = Drawing(chart).body()};
}

}  // namespace gradus::figures
