#include "app/report/results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/figures/chart.h"
#include "app/figures/contact_sheet.h"
#include "app/figures/heat_map.h"
#include "app/report/evenly.h"
#include "base/text.h"

namespace gradus::report {
namespace {

constexpr std::size_t kClassesWithText = 12, kMostClasses = 60, kMostHistograms = 20, kMostConfusions = 8;

}  // namespace

std::string part_text(train::Part part) {
  switch (part) {
    case train::Part::train:
      return "training part";
    case train::Part::val:
      return "validation part";
    case train::Part::test:
      return "test part";
    case train::Part::all:
      return "all parts";
  }
  return "";
}

std::optional<figures::Figure> confusion_map(const train::Review& review) {
  const auto& counts = review.result.confusion;
  const std::vector<std::string>& names = review.result.class_names;
  if (counts.empty() || counts.size() > kMostClasses) return std::nullopt;
  const bool with_text = counts.size() <= kClassesWithText;
  figures::HeatMap map{.name = "confusion",
                       .title = fmt::format("Confusion, {}", part_text(review.result.part)),
                       .x_label = "predicted",
                       .y_label = "true",
                       .value_label = "",
                       .rows = names,
                       .columns = names,
                       .cells = {},
                       .ramp = figures::Ramp::blue,
                       .range = std::pair(0.0, 1.0),
                       .square = true};
  for (std::size_t r = 0; r < counts.size(); ++r) {
    std::int64_t total = 0;
    for (const std::int64_t count : counts[r]) total += count;
    std::vector<figures::Cell>& cells = map.cells.emplace_back();
    for (std::size_t c = 0; c < counts.size(); ++c) {
      const std::int64_t count = counts[r][c];
      const double part = total > 0 ? static_cast<double>(count) / static_cast<double>(total) : 0;
      cells.push_back({.value = part,
                       .text = with_text && count > 0 ? grouped(count) : "",
                       .title = fmt::format("true {}, predicted {}: {} ({})", names[r], names[c],
                                            grouped(count), share(part)),
                       .empty = count == 0});
    }
  }
  return figures::drawn(map);
}

std::vector<std::string> frequent_confusions(const train::Review& review) {
  struct Pair {
    std::size_t is, said;
    std::int64_t count;
  };
  std::vector<Pair> pairs;
  const auto& counts = review.result.confusion;
  for (std::size_t r = 0; r < counts.size(); ++r)
    for (std::size_t c = 0; c < counts.size(); ++c)
      if (r != c && counts[r][c] > 0) pairs.push_back({r, c, counts[r][c]});
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Pair& a, const Pair& b) { return a.count > b.count; });
  std::vector<std::string> lines;
  for (const Pair& pair : pairs) {
    if (lines.size() == kMostConfusions) break;
    lines.push_back(fmt::format("{} taken for {}: {}", review.result.class_names[pair.is],
                                review.result.class_names[pair.said], grouped(pair.count)));
  }
  return lines;
}

std::optional<figures::Figure> predictions_over_truth(const train::Review& review) {
  if (review.points.empty()) return std::nullopt;
  figures::Line points{.name = "", .points = {}, .tone = 0, .look = figures::Line::dots};
  for (const auto& [is, said] : review.points)
    if (std::isfinite(is) && std::isfinite(said)) points.points.push_back({is, said});
  return figures::drawn(
      figures::Chart{.name = "predictions",
                     .title = fmt::format("Predicted over true, {}", part_text(review.result.part)),
                     .x_label = "true",
                     .y_label = "predicted",
                     .lines = {points},
                     .diagonal = true});
}

std::vector<figures::BarRow> histograms(const train::Review& review) {
  std::vector<figures::BarRow> rows;
  const bool weights_only = review.parameters.size() > kMostHistograms;
  std::vector<const train::ParameterView*> parameters;
  for (const train::ParameterView& parameter : review.parameters)
    if (!weights_only || parameter.shape.rank() > 1) parameters.push_back(&parameter);
  for (const std::size_t place : evenly(parameters.size(), kMostHistograms)) {
    const train::ParameterView& parameter = *parameters[place];
    const auto bars = [](const char* what, const train::Histogram& h, int tone) {
      return figures::Bars{.label = fmt::format("{}: mean {}, std {}", what, measure(h.mean), measure(h.std)),
                           .low = h.low,
                           .high = h.high,
                           .counts = h.counts,
                           .tone = tone};
    };
    rows.push_back(
        {.title = fmt::format("{} {}", parameter.name, parameter.shape.str()),
         .panels = {bars("weights", parameter.weights, 0), bars("gradients", parameter.gradients, 1)}});
  }
  return rows;
}

Tensor picture_of(const Tensor& x) {
  const Shape& shape = x.shape();
  if (shape.rank() != 3 || (shape[0] != 1 && shape[0] != 3) || x.size() == 0 || shape[1] < 2 || shape[2] < 2)
    return {};
  if (x.dtype() == DType::u8) return x;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (std::int64_t i = 0; i < x.size(); ++i) low = std::min(low, x.at(i)), high = std::max(high, x.at(i));
  // Pixels from 0 to 1 as they are; others between black and white.
  if (low >= -1e-3 && high <= 1 + 1e-3) low = 0, high = 1;
  Tensor picture(DType::u8, shape);
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const double light = high > low ? (x.at(i) - low) / (high - low) : 0;
    picture.set(i, std::round(255 * std::clamp(light, 0.0, 1.0)));
  }
  return picture;
}

Tensor mistakes_sheet(const train::Review& review) {
  std::vector<Tensor> pictures;
  std::vector<std::string> captions;
  for (const train::Mistake& mistake : review.mistakes) {
    const Tensor picture = picture_of(mistake.x);
    if (!picture.defined()) return {};
    pictures.push_back(picture);
    captions.push_back(mistake.truth + "/" + mistake.predicted);
  }
  if (pictures.empty()) return {};
  std::vector<std::int64_t> extents = pictures[0].shape().list();
  extents.insert(extents.begin(), static_cast<std::int64_t>(pictures.size()));
  Tensor images(DType::u8, Shape(extents));
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    images.rows(row, row + 1).copy_from(pictures[i].reshaped(images.rows(row, row + 1).shape()));
  }
  return figures::contact_sheet(images, captions);
}

}  // namespace gradus::report
