#include "app/cli/explain_svg.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/cli/explain_text.h"
#include "app/figures/markup.h"
#include "base/text.h"

namespace gradus::cli {
namespace {

using train::ArrayView;
using train::ExplainStep;
using train::Explanation;

constexpr int kBoxWidth = 250, kGap = 26, kLine = 15, kPadding = 8, kLane = 16, kTop = 56;
constexpr std::size_t kMaxCharacters = 36;
constexpr std::size_t kManyLayers = 40;  // from here on boxes leave formulas out

std::string shortened(const std::string& text) {
  return text.size() <= kMaxCharacters ? text : text.substr(0, kMaxCharacters - 3) + "...";
}

struct Box {
  std::vector<std::string> lines;
  std::string tone;
  bool titled = false;  // the first line is what the box is
  int level = 0, slot = 0, x = 0, y = 0, height = 0;
  std::size_t step = 0;  // that it shows, counted from 1
};

std::string array_line(const ArrayView& array) {
  const std::string numbers = array.type.shape.size() == 1 && !array.values.empty()
                                  ? measure(array.values[0])
                                  : fmt::format("norm {}", measure(array.norm));
  const std::string shape = array.type.shape.rank() == 0 ? "" : array.type.shape.str() + " ";
  return fmt::format("{} {}{}", array.symbol, shape, numbers);
}

class Drawing {
 public:
  explicit Drawing(const Explanation& e) : e_(e) {
    collect();
    place();
  }

  std::string str() const {
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
        "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" "
        "fill=\"white\"/>\n<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" "
        "markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 "
        "z\"/></marker></defs>\n",
        width_, height_);
    svg += title(left_, "Forward") + title(right_, "Backward: gradients of the loss");
    for (std::size_t k = 0; k < reads_.size(); ++k)
      for (const std::size_t from : reads_[k]) svg += edges(from, k);
    for (const Box& box : forward_) svg += drawn(box);
    for (const Box& box : backward_)
      if (!box.lines.empty()) svg += drawn(box);
    return svg + "</svg>\n";
  }

 private:
  // Box 0 is the batch, k + 1 layer k, the last the loss.
  void collect() {
    std::size_t layers = 0;
    for (const ExplainStep& step : e_.steps) layers += step.stage == ExplainStep::forward;
    forward_.push_back({.lines = {"batch"}, .tone = "#e8f1fb", .titled = true});
    for (const ArrayView& array : e_.batch)
      forward_[0].lines.push_back(fmt::format("{} {}", array.symbol, array.type.shape.str()));
    reads_.emplace_back();
    std::size_t gradient = layers;  // backward steps go from the last layer to the first
    backward_.resize(layers + 2);
    for (std::size_t i = 0; i < e_.steps.size(); ++i) {
      const ExplainStep& step = e_.steps[i];
      if (step.stage == ExplainStep::update) continue;
      Box box{.lines = {}, .tone = step.arrays.size() > 1 ? "#fdf3dc" : "#f5f5f5", .step = i + 1};
      box.titled = step.stage != ExplainStep::backward;
      if (box.titled) box.lines.push_back(step_title(step));
      for (const ArrayView& array : step.arrays) {
        const bool made = !array.formula.empty();
        if (made && layers < kManyLayers)
          box.lines.push_back(shortened(fmt::format("{} = {}", array.symbol, array.formula)));
        if (made || step.stage == ExplainStep::backward) box.lines.push_back(array_line(array));
      }
      if (step.stage == ExplainStep::backward) {
        backward_[gradient--] = std::move(box);
        continue;
      }
      forward_.push_back(std::move(box));
      reads_.emplace_back();
      for (const std::int64_t read : step.reads) reads_.back().push_back(static_cast<std::size_t>(read + 1));
    }
    backward_.back() = {.lines = {"dL/dL = 1"}, .tone = "#f5f5f5"};
  }

  // Levels from the longest way to each box; boxes of a level side by side; lanes beside for edges that pass
  // a level.
  void place() {
    std::vector<int> used, heights;
    int widest = 1, lanes = 0;
    for (std::size_t k = 0; k < forward_.size(); ++k) {
      Box& box = forward_[k];
      for (const std::size_t from : reads_[k]) box.level = std::max(box.level, forward_[from].level + 1);
      const auto level = static_cast<std::size_t>(box.level);
      if (used.size() <= level) used.resize(level + 1, 0), heights.resize(level + 1, 0);
      box.slot = used[level]++;
      widest = std::max(widest, used[level]);
      const std::size_t lines = std::max(box.lines.size(), backward_[k].lines.size());
      heights[level] = std::max(heights[level], static_cast<int>(lines) * kLine + 2 * kPadding);
      for (const std::size_t from : reads_[k]) lanes = std::max(lanes, lane(from, k));
    }
    const int side = kGap + (lanes + 1) * kLane, columns = widest * (kBoxWidth + kGap);
    left_ = side, right_ = side + columns + 2 * kGap;
    width_ = right_ + columns + side;
    std::vector<int> tops;
    int y = kTop;
    for (const int height : heights) {
      tops.push_back(y);
      y += height + kGap;
    }
    height_ = y;
    for (std::size_t k = 0; k < forward_.size(); ++k) {
      Box &there = forward_[k], &back = backward_[k];
      const auto level = static_cast<std::size_t>(there.level);
      there.x = left_ + there.slot * (kBoxWidth + kGap);
      back.x = right_ + there.slot * (kBoxWidth + kGap);
      there.y = back.y = tops[level];
      there.height = back.height = heights[level];
    }
  }

  // 0 for an edge to the next level; the more levels it passes the further out.
  int lane(std::size_t from, std::size_t to) const {
    return std::min(forward_[to].level - forward_[from].level - 1, 6);
  }

  static std::string curve(int x0, int y0, int x1, int y1, int bend, const char* colour) {
    const std::string way = bend == 0
                                ? fmt::format("L{} {}", x1, y1)
                                : fmt::format("C{} {}, {} {}, {} {}", x0 + bend, y0, x1 + bend, y1, x1, y1);
    return fmt::format("<path d=\"M{} {} {}\" fill=\"none\" stroke=\"{}\" marker-end=\"url(#tip)\"/>\n", x0,
                       y0, way, colour);
  }

  // Down on the left and, where gradients flow, up on the right.
  std::string edges(std::size_t from, std::size_t to) const {
    const Box &a = forward_[from], &b = forward_[to], &da = backward_[from], &db = backward_[to];
    const int out = lane(from, to), bend = 2 * kLane * out;
    std::string svg;
    if (out == 0)
      svg += curve(a.x + kBoxWidth / 2, a.y + a.height, b.x + kBoxWidth / 2, b.y, 0, "#3366aa");
    else
      svg += curve(a.x, a.y + a.height / 2, b.x, b.y + b.height / 2, -bend, "#3366aa");
    if (da.lines.empty() || db.lines.empty()) return svg;
    if (out == 0)
      return svg + curve(db.x + kBoxWidth / 2, db.y, da.x + kBoxWidth / 2, da.y + da.height, 0, "#aa3333");
    return svg + curve(db.x + kBoxWidth, db.y + db.height / 2, da.x + kBoxWidth, da.y + da.height / 2, bend,
                       "#aa3333");
  }

  static std::string title(int x, const char* text) {
    return fmt::format("<text x=\"{}\" y=\"34\" font-size=\"16\" font-weight=\"bold\">{}</text>\n", x, text);
  }

  static std::string drawn(const Box& box) {
    std::string svg = box.step == 0 ? "<g>\n" : fmt::format("<g data-step=\"{}\">\n", box.step);
    svg += fmt::format(
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"5\" fill=\"{}\" stroke=\"#888888\"/>\n",
        box.x, box.y, kBoxWidth, box.height, box.tone);
    int y = box.y + kPadding + kLine - 4;
    for (std::size_t i = 0; i < box.lines.size(); ++i, y += kLine) {
      svg += fmt::format("<text x=\"{}\" y=\"{}\"{}>{}</text>\n", box.x + kPadding, y,
                         i == 0 && box.titled ? " font-weight=\"bold\"" : "", figures::escaped(box.lines[i]));
    }
    return svg + "</g>\n";
  }

  const Explanation& e_;
  std::vector<Box> forward_, backward_;
  std::vector<std::vector<std::size_t>> reads_;  // of each box: those it reads
  int width_ = 0, height_ = 0, left_ = 0, right_ = 0;
};

}  // namespace

std::string explanation_svg(const Explanation& explanation) { return Drawing(explanation).str(); }

}  // namespace gradus::cli
