#include "app/figures/heat_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/figures/axis.h"
#include "app/figures/markup.h"
#include "app/figures/points.h"
#include "base/text.h"

namespace gradus::figures {
namespace {

constexpr int kWidth = 560, kRight = 14, kLegendHeight = 46;
constexpr std::size_t kLabel = 22, kColumnLabel = 14;  // characters
constexpr double kCharacter = 6.3, kLineHeight = 12;   // of a small one

std::size_t longest(const std::vector<std::string>& labels, std::size_t most) {
  std::size_t columns = 0;
  for (const std::string& label : labels) columns = std::max(columns, columns_of(cut(label, most)));
  return columns;
}

class Drawing {
 public:
  explicit Drawing(const HeatMap& map) : map_(map) {
    left_ = 26 + static_cast<int>(kCharacter * static_cast<double>(longest(map.rows, kLabel)));
    const auto columns = static_cast<double>(std::max<std::size_t>(map.columns.size(), 1));
    // Slanted labels reach beyond the last column.
    const double beyond = map.square ? 4.6 * static_cast<double>(longest(map.columns, kColumnLabel)) : kRight;
    cell_width_ = (kWidth - left_ - beyond) / columns;
    if (map.square) cell_width_ = std::min(cell_width_, 46.0);
    const double rows = static_cast<double>(std::max<std::size_t>(map.rows.size(), 1));
    cell_height_ = map.square ? std::min(cell_width_, 34.0) : std::clamp(400 / rows, 6.0, 22.0);
    top_ = map.square ? 56 + static_cast<int>(4.6 * static_cast<double>(longest(map.columns, kColumnLabel)))
                      : 30;
    bottom_ = top_ + static_cast<int>(std::ceil(cell_height_ * rows));
    std::vector<Point> values;
    for (const auto& row : map.cells)
      for (const Cell& cell : row)
        if (!cell.empty && (!map.log || cell.value > 0)) values.push_back({0, cell.value});
    const auto found = range_of(values).value_or(std::pair(map.log ? 0.1 : 0.0, 1.0));
    const auto range = map.range.value_or(found);
    scale_ = map.log ? log_axis(range.first, range.second, 4) : linear_axis(range.first, range.second, 4);
  }

  int height() const {
    return bottom_ + (map_.square ? 6 : 40) + (map_.value_label.empty() ? 0 : kLegendHeight);
  }

  std::string body() const {
    std::string svg = svg_text(8, 18, map_.title, Anchor::start, "class=\"title\"");
    const auto every = static_cast<std::size_t>(std::ceil(kLineHeight / cell_height_));
    for (std::size_t r = 0; r < map_.rows.size(); ++r) {
      const double middle = top_ + (static_cast<double>(r) + 0.5) * cell_height_;
      if (r % every == 0)
        svg += svg_text(left_ - 5, middle + 4, cut(map_.rows[r], kLabel), Anchor::end, "class=\"small\"");
      for (std::size_t c = 0; c < map_.cells[r].size(); ++c) svg += drawn_cell(r, c);
    }
    const double across = top_ + (bottom_ - top_) / 2.0;
    svg += svg_text(12, across, map_.y_label, Anchor::middle,
                    fmt::format("transform=\"rotate(-90 12 {:.1f})\"", across));
    return svg + (map_.square ? slanted_labels() : step_labels()) + legend();
  }

 private:
  std::string drawn_cell(std::size_t r, std::size_t c) const {
    const Cell& cell = map_.cells[r][c];
    const bool gap = !std::isfinite(cell.value) || (map_.log && cell.value <= 0);
    const double x = left_ + static_cast<double>(c) * cell_width_, share = gap ? 0 : scale_.share(cell.value);
    const double y = top_ + static_cast<double>(r) * cell_height_;
    const std::string fill = cell.empty ? "class=\"void\""
                             : gap      ? "class=\"gap\""
                                        : fmt::format("fill=\"{}\"", colour(map_.ramp, share));
    // A hair apart where there are few, else seamless.
    const double air = map_.square ? 1 : map_.columns.size() <= 40 ? 0.5 : -0.1;
    std::string svg = fmt::format("<rect {} x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"",
                                  fill, x, y, cell_width_ - air, cell_height_ - (map_.square ? 1 : 0.5));
    svg += cell.title.empty() ? "/>\n" : fmt::format("><title>{}</title></rect>\n", escaped(cell.title));
    if (cell.text.empty()) return svg;
    const char* tone = cell.empty ? "" : is_dark(map_.ramp, share) ? " on-dark" : " on-light";
    return svg + svg_text(x + cell_width_ / 2, y + cell_height_ / 2 + 4, cell.text, Anchor::middle,
                          fmt::format("class=\"small{}\" pointer-events=\"none\"", tone));
  }

  std::string slanted_labels() const {
    std::string svg;
    for (std::size_t c = 0; c < map_.columns.size(); ++c) {
      const double x = left_ + (static_cast<double>(c) + 0.5) * cell_width_;
      svg += svg_text(x, top_ - 5, cut(map_.columns[c], kColumnLabel), Anchor::start,
                      fmt::format("class=\"small\" transform=\"rotate(-45 {:.1f} {})\"", x, top_ - 5));
    }
    return svg + svg_text(left_ + cell_width_ * static_cast<double>(map_.columns.size()) / 2, 36,
                          map_.x_label, Anchor::middle);
  }

  // As many labels as find room.
  std::string step_labels() const {
    std::string svg;
    double free_from = 0;
    for (std::size_t c = 0; c < map_.columns.size(); ++c) {
      const double x = left_ + (static_cast<double>(c) + 0.5) * cell_width_;
      const double half = kCharacter * static_cast<double>(columns_of(map_.columns[c])) / 2;
      if (x - half < free_from || x + half > kWidth) continue;
      svg += svg_text(x, bottom_ + 14, map_.columns[c], Anchor::middle, "class=\"small\"");
      free_from = x + half + 14;
    }
    return svg + svg_text((left_ + kWidth - kRight) / 2.0, bottom_ + 32, map_.x_label, Anchor::middle);
  }

  std::string legend() const {
    if (map_.value_label.empty()) return "";
    constexpr int kParts = 40;
    const int y = height() - kLegendHeight + 8;
    const double width = (kWidth - left_ - kRight) / 2.0, part = width / kParts;
    std::string svg = svg_text(left_ - 5, y + 10, map_.value_label, Anchor::end, "class=\"small\"");
    for (int i = 0; i < kParts; ++i)
      svg += fmt::format("<rect x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"12\" fill=\"{}\"/>\n",
                         left_ + i * part, y, part + 0.3, colour(map_.ramp, (i + 0.5) / kParts));
    for (const double tick : scale_.ticks)
      svg += svg_text(left_ + scale_.share(tick) * width, y + 25, tick_text(tick), Anchor::middle,
                      "class=\"small\"");
    return svg;
  }

  const HeatMap& map_;
  Axis scale_;
  int left_ = 0, top_ = 0, bottom_ = 0;
  double cell_width_ = 0, cell_height_ = 0;
};

}  // namespace

Figure drawn(const HeatMap& map) {
  const Drawing drawing(map);
  return {.name = map.name,
          .title = map.title,
          .width = kWidth,
          .height = drawing.height(),
          .body = drawing.body()};
}

}  // namespace gradus::figures
