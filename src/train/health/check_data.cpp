// Mistakes in the data that can be seen before the first step.
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "train/health/rules.h"
#include "train/health/wording.h"

namespace gradus::train::health {

namespace {

constexpr std::int64_t kRows = 4096;  // looked at
// Initial weights keep the spread of what they are given, and learning rates are meant for inputs about 1 in
// size (LeCun, Bottou, Orr & Mueller 1998, "Efficient BackProp").
constexpr double kLarge = 25, kSmall = 0.01;
constexpr double kApart = 1000;  // the largest column over the smallest

struct Column {
  std::string name;
  double size = 0;  // root mean square
  bool constant = true;
};

// Of tables each column, of images all of it; as a network is given it.
std::vector<Column> columns_of(const data::Dataset& data) {
  const std::int64_t rows = std::min(data.size(), kRows);
  if (rows == 0) return {};
  const std::int64_t row_size = data.x.size() / data.size();
  const bool table = data.example_shape().rank() == 1;
  const double unit = data.x.dtype() == DType::u8 ? 1.0 / 255 : 1.0;
  std::vector<Column> columns(table ? static_cast<std::size_t>(row_size) : 1);
  for (std::int64_t i = 0; i < rows * row_size; ++i) {
    const std::size_t at = table ? static_cast<std::size_t>(i % row_size) : 0;
    const double x = data.x.at(i) * unit;
    columns[at].size += x * x;
    columns[at].constant = columns[at].constant && data.x.at(i) == data.x.at(static_cast<std::int64_t>(at));
  }
  const double n = static_cast<double>(table ? rows : rows * row_size);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    columns[c].size = std::sqrt(columns[c].size / n);
    columns[c].name = c < data.feature_names.size() ? "'" + data.feature_names[c] + "'" : fmt::to_string(c);
  }
  return columns;
}

}  // namespace

std::optional<Finding> unscaled_inputs(const Prepared& run) {
  const data::Dataset& train = run.parts.train;
  if (train.normalizer) return std::nullopt;
  std::vector<Column> columns = columns_of(train);
  std::erase_if(columns, [](const Column& column) { return column.constant; });
  if (columns.empty()) return std::nullopt;
  const auto [small, large] = std::minmax_element(
      columns.begin(), columns.end(), [](const Column& a, const Column& b) { return a.size < b.size; });
  FindingValues values = {{"large", large->name}, {"large_size", fmt::format("{:.3g}", large->size)}};
  const bool table = train.example_shape().rank() == 1;
  if (large->size > kLarge || large->size < kSmall)
    return finding(table ? "unscaled_inputs" : "unscaled_inputs.whole", "data", 0, std::move(values));
  if (large->size <= kApart * small->size) return std::nullopt;
  values.emplace_back("small", small->name);
  values.emplace_back("small_size", fmt::format("{:.3g}", small->size));
  return finding("unscaled_inputs.apart", "data", 0, std::move(values));
}

// Examples are drawn in random order, and parts held out keep the shares of classes; but a test part of its
// own, cut from a file sorted by class, may have others.
std::optional<Finding> missing_classes(const Prepared& run) {
  const data::Dataset& train = run.parts.train;
  if (train.kind != data::Kind::classes || !train.y.defined()) return std::nullopt;
  const auto labels = train.y.values<std::int64_t>();
  const std::set<std::int64_t> known(labels.begin(), labels.end());
  for (const auto& [name, part] : {std::pair{"validation", &run.parts.val}, {"test", &run.parts.test}}) {
    if (!*part || !(*part)->y.defined() || (*part)->size() == 0) continue;
    std::set<std::int64_t> missing;
    std::int64_t examples = 0;
    for (const std::int64_t label : (*part)->y.values<std::int64_t>()) {
      if (known.contains(label)) continue;
      missing.insert(label);
      ++examples;
    }
    if (missing.empty()) continue;
    return finding(fmt::format("unshuffled_labels.{}", name), "data", 0,
                   {{"examples", fmt::to_string(examples)},
                    {"all", fmt::to_string((*part)->size())},
                    {"classes", fmt::format("{}", fmt::join(missing, ", "))}});
  }
  return std::nullopt;
}

}  // namespace gradus::train::health
