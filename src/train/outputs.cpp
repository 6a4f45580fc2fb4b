#include "train/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gradus::train {

namespace {

double sigmoid(double x) { return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x)); }

std::int64_t width(const Tensor& output) {
  return output.shape().rank() < 2 ? 1 : output.size() / std::max<std::int64_t>(output.shape()[0], 1);
}

}  // namespace

bool names_one_class(data::Kind kind) {
  return kind == data::Kind::classes || kind == data::Kind::probabilities;
}

std::vector<double> row_of(const Tensor& rows, std::int64_t i) {
  const std::int64_t count = width(rows);
  std::vector<double> row(static_cast<std::size_t>(count));
  for (std::int64_t j = 0; j < count; ++j) row[static_cast<std::size_t>(j)] = rows.at(i * count + j);
  return row;
}

std::vector<std::int64_t> largest_of(const Tensor& rows) {
  const std::int64_t n = rows.shape()[0], k = width(rows);
  std::vector<std::int64_t> places(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) {
    std::int64_t& best = places[static_cast<std::size_t>(i)];
    for (std::int64_t j = 1; j < k; ++j)
      if (rows.at(i * k + j) > rows.at(i * k + best)) best = j;
  }
  return places;
}

std::vector<std::int64_t> classes_of(const Tensor& output, const std::string& loss) {
  std::vector<std::int64_t> classes = largest_of(output);
  if (width(output) > 1 || loss != "sigmoid_cross_entropy") return classes;
  for (std::size_t i = 0; i < classes.size(); ++i)
    classes[i] = output.at(static_cast<std::int64_t>(i)) > 0 ? 1 : 0;
  return classes;
}

std::int64_t class_count(const Model& model) {
  const std::int64_t units = model.network.output.size();
  const bool one_unit = units == 1 && model.loss == "sigmoid_cross_entropy";
  return one_unit && model.kind == data::Kind::classes ? 2 : units;
}

Tensor probabilities_of(const Tensor& output, const Model& model) {
  const std::int64_t n = output.shape()[0], k = width(output), classes = class_count(model);
  Tensor result(output.dtype(), Shape{n, classes});
  for (std::int64_t i = 0; i < n; ++i) {
    if (model.loss == "sigmoid_cross_entropy") {
      for (std::int64_t j = 0; j < k; ++j)
        result.set(i * classes + classes - k + j, sigmoid(output.at(i * k + j)));
      if (classes > k) result.set(i * classes, sigmoid(-output.at(i)));
      continue;
    }
    double largest = output.at(i * k), total = 0;
    for (std::int64_t j = 1; j < k; ++j) largest = std::max(largest, output.at(i * k + j));
    for (std::int64_t j = 0; j < k; ++j) total += std::exp(output.at(i * k + j) - largest);
    for (std::int64_t j = 0; j < k; ++j)
      result.set(i * k + j, std::exp(output.at(i * k + j) - largest) / total);
  }
  return result;
}

std::vector<std::string> names_of_classes(const Model& model) {
  std::vector<std::string> names = model.class_names;
  if (names.empty()) names = model.labels.values;
  if (names.empty() && model.kind == data::Kind::multi_label) names = model.target_names;
  for (auto i = static_cast<std::int64_t>(names.size()); i < class_count(model); ++i)
    names.push_back(fmt::to_string(i));
  return names;
}

}  // namespace gradus::train
