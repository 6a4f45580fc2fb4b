#include "app/report/curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "app/figures/axis.h"
#include "app/figures/chart.h"
#include "app/figures/heat_map.h"
#include "app/report/evenly.h"
#include "base/text.h"

namespace gradus::report {
namespace {

using figures::Chart;
using figures::Line;
using figures::Point;
using train::EpochEvent;
using train::RunHistory;

constexpr double kLogFrom = 30;  // how far apart numbers are to be drawn by their logarithms
constexpr std::size_t kMapRows = 64, kMapCells = 3000;

// The tones of a part's curves are the same in all charts.
constexpr int kTrainTone = 0, kValTone = 1;

std::vector<Point> of_epochs(const RunHistory& history,
                             const std::function<std::optional<double>(const EpochEvent&)>& value) {
  std::vector<Point> points;
  for (const EpochEvent& epoch : history.epochs)
    if (const auto y = value(epoch)) points.push_back({static_cast<double>(epoch.step), *y});
  return points;
}

bool wants_log(const std::vector<Line>& lines) {
  double low = 0, high = 0;
  for (const Line& line : lines) {
    for (const Point& point : line.points) {
      if (!std::isfinite(point.y)) continue;
      if (point.y <= 0) return false;
      low = low == 0 ? point.y : std::min(low, point.y);
      high = std::max(high, point.y);
    }
  }
  return high > kLogFrom * low;
}

std::optional<figures::Figure> finished(Chart chart) {
  std::erase_if(chart.lines, [](const Line& line) { return line.points.empty(); });
  if (chart.lines.empty()) return std::nullopt;
  return figures::drawn(chart);
}

std::optional<figures::Mark> best_mark(const RunHistory& history) {
  const EpochEvent* best = best_epoch(history);
  if (best == nullptr) return std::nullopt;
  return figures::Mark{static_cast<double>(best->step), fmt::format("best: epoch {}", best->epoch)};
}

}  // namespace

const EpochEvent* best_epoch(const RunHistory& history) {
  const EpochEvent* best = nullptr;
  for (const EpochEvent& epoch : history.epochs)
    if (epoch.val && epoch.best) best = &epoch;
  return best;
}

std::optional<figures::Figure> loss_curves(const RunHistory& history) {
  Line raw{.name = "training batches", .points = {}, .tone = kTrainTone, .look = Line::faint};
  Line smooth{.name = "moving average", .points = {}, .tone = kTrainTone};
  for (const train::StepEvent& step : history.steps) {
    raw.points.push_back({static_cast<double>(step.step), step.loss});
    smooth.points.push_back({static_cast<double>(step.step), step.smoothed_loss});
  }
  const Line train{
      .name = "training epochs",
      .points = of_epochs(history, [](const EpochEvent& e) { return std::optional(e.train.loss); }),
      .tone = 2,
      .look = Line::dashed};
  const Line val{
      .name = "validation",
      .points = of_epochs(
          history, [](const EpochEvent& e) { return e.val ? std::optional(e.val->loss) : std::nullopt; }),
      .tone = kValTone};
  Chart chart{.name = "loss",
              .title = "Loss",
              .x_label = "step",
              .y_label = "loss",
              .lines = {raw, smooth, train, val},
              .mark = best_mark(history)};
  chart.log_y = wants_log(chart.lines);
  if (chart.log_y) chart.y_label += " (log)";
  return finished(std::move(chart));
}

std::optional<figures::Figure> accuracy_curves(const RunHistory& history) {
  const Line train{.name = "training, while it went on",
                   .points = of_epochs(history, [](const EpochEvent& e) { return e.train.accuracy; }),
                   .tone = kTrainTone};
  const Line val{.name = "validation",
                 .points = of_epochs(
                     history, [](const EpochEvent& e) { return e.val ? e.val->accuracy : std::nullopt; }),
                 .tone = kValTone};
  Chart chart{.name = "accuracy",
              .title = "Accuracy",
              .x_label = "step",
              .y_label = "accuracy (%)",
              .lines = {train, val},
              .mark = best_mark(history)};
  for (Line& line : chart.lines)
    for (Point& point : line.points) point.y *= 100;
  return finished(std::move(chart));
}

std::optional<figures::Figure> lr_curve(const RunHistory& history) {
  std::vector<Point> points = of_epochs(history, [](const EpochEvent& e) { return std::optional(e.lr); });
  for (const train::StepEvent& step : history.steps)
    points.push_back({static_cast<double>(step.step), step.lr});
  std::stable_sort(points.begin(), points.end(), [](const Point& a, const Point& b) { return a.x < b.x; });
  return finished({.name = "learning-rate",
                   .title = "Learning rate",
                   .x_label = "step",
                   .y_label = "learning rate",
                   .lines = {{.name = "", .points = std::move(points), .tone = 3}}});
}

std::optional<figures::Figure> gradient_map(const RunHistory& history) {
  if (history.gradients.empty()) return std::nullopt;
  // One look a step; the longest names the rows.
  std::vector<const train::GradientNorms*> all;
  const train::GradientNorms* longest = &history.gradients[0];
  for (const train::GradientNorms& look : history.gradients) {
    if (all.empty() || look.step > all.back()->step) all.push_back(&look);
    if (look.norms.size() > longest->norms.size()) longest = &look;
  }
  figures::HeatMap map{.name = "gradient-norms",
                       .title = "Gradient norms",
                       .x_label = "step",
                       .y_label = "",
                       .value_label = "|dL/dw|",
                       .rows = {},
                       .columns = {},
                       .cells = {},
                       .log = true};
  // Of large networks the weights alone, and not more than can be told apart.
  std::vector<std::string> names;
  const bool weights_only = longest->norms.size() > kMapRows / 2;
  for (const auto& [name, norm] : longest->norms)
    if (!weights_only || name.ends_with(".weight")) names.push_back(name);
  for (const std::size_t place : evenly(names.size(), kMapRows)) map.rows.push_back(names[place]);
  std::vector<const train::GradientNorms*> chosen;
  const std::size_t columns = kMapCells / std::max<std::size_t>(map.rows.size(), 1);
  for (const std::size_t place : evenly(all.size(), columns)) {
    chosen.push_back(all[place]);
    map.columns.push_back(figures::tick_text(static_cast<double>(all[place]->step)));
  }
  for (const std::string& row : map.rows) {
    std::vector<figures::Cell>& cells = map.cells.emplace_back();
    for (const train::GradientNorms* look : chosen) {
      const auto found =
          std::find_if(look->norms.begin(), look->norms.end(), [&](const auto& e) { return e.first == row; });
      const double norm = found == look->norms.end() ? std::nan("") : found->second;
      cells.push_back(
          {.value = norm, .title = fmt::format("{}, step {}: {}", row, look->step, measure(norm))});
    }
  }
  return figures::drawn(map);
}

}  // namespace gradus::report
