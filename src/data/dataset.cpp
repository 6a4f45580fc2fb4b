#include <cmath>
#include <cstring>

#include "base/check.h"
#include "gradus/data.h"
#include "tensor/dispatch.h"

namespace gradus::data {
namespace {

Tensor take_rows(const Tensor& source, std::span<const std::int64_t> rows) {
  if (!source.defined()) return {};
  Tensor result(source.dtype(), source.shape().with(0, static_cast<std::int64_t>(rows.size())));
  const std::int64_t n = source.shape()[0];
  const std::size_t row_bytes =
      size_of(source.dtype()) * static_cast<std::size_t>(source.shape().without(0).size());
  std::byte* to = result.data();
  for (const std::int64_t row : rows) {
    require(Fault::data, row >= 0 && row < n, "subset: rows 0 to {} exist, row {} was asked for.", n - 1,
            row);
    if (row_bytes > 0) std::memcpy(to, source.data() + static_cast<std::size_t>(row) * row_bytes, row_bytes);
    to += row_bytes;
  }
  return result;
}

// "row 3 column 'age'", "row 3 element 17", "row 3".
std::string describe(std::int64_t element, std::int64_t per_row, const std::vector<std::string>& names) {
  const std::int64_t row = element / per_row;
  const auto column = static_cast<std::size_t>(element % per_row);
  if (column < names.size()) return fmt::format("row {} column '{}'", row, names[column]);
  return per_row == 1 ? fmt::format("row {}", row) : fmt::format("row {} element {}", row, column);
}

void check_finite(const std::string& where, const char* what, const Tensor& tensor,
                  const std::vector<std::string>& names) {
  if (!is_float(tensor.dtype())) return;
  dispatch_float(tensor.dtype(), [&](auto zero) {
    const auto values = tensor.values<decltype(zero)>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isfinite(values[i])) continue;
      const std::int64_t per_row = tensor.shape().without(0).size();
      fail(Fault::data, "{}: {} must be finite, {} is {}. Remove or repair the row.", where, what,
           describe(static_cast<std::int64_t>(i), per_row, names), values[i]);
    }
  });
}

void check_classes(const std::string& where, const Dataset& data) {
  require(Fault::data, data.y.dtype() == DType::i64 && data.y.shape().rank() == 1,
          "{}: class labels need y i64 [N], y is {}.", where, data.y.type().str());
  const auto labels = data.y.values<std::int64_t>();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    require(Fault::data, labels[i] >= 0 && labels[i] < data.classes,
            "{}: labels must lie in 0 to {}, row {} has {}.", where, data.classes - 1, i, labels[i]);
  }
}

void check_multi_label(const std::string& where, const Dataset& data) {
  require(Fault::data,
          is_float(data.y.dtype()) && data.y.shape().rank() == 2 && data.y.shape()[1] == data.classes,
          "{}: multi-label targets need y f64 [N, {}], y is {}.", where, data.classes, data.y.type().str());
  for (std::int64_t i = 0; i < data.y.size(); ++i) {
    const double value = data.y.at(i);
    require(Fault::data, value == 0.0 || value == 1.0, "{}: multi-label targets must be 0 or 1, {} is {}.",
            where, describe(i, data.classes, data.target_names), value);
  }
}

void check_probabilities(const std::string& where, const Dataset& data) {
  require(Fault::data,
          is_float(data.y.dtype()) && data.y.shape().rank() == 2 && data.y.shape()[1] == data.classes,
          "{}: class probabilities need y f64 [N, {}], y is {}.", where, data.classes, data.y.type().str());
  check_finite(where, "y", data.y, data.target_names);
  for (std::int64_t row = 0; row < data.size(); ++row) {
    double sum = 0.0;
    for (std::int64_t k = 0; k < data.classes; ++k) {
      const std::int64_t i = row * data.classes + k;
      require(Fault::data, data.y.at(i) >= 0.0, "{}: class probabilities must be 0 or more, {} is {}.", where,
              describe(i, data.classes, data.target_names), data.y.at(i));
      sum += data.y.at(i);
    }
    require(Fault::data, sum > 0.0, "{}: class probabilities need one above 0, row {} has none.", where, row);
  }
}

void check_weights(const std::string& where, const Dataset& data) {
  require(Fault::data, data.weight.type() == (Type{DType::f32, Shape{data.size()}}),
          "{}: sample weights need f32[{}], they are {}.", where, data.size(), data.weight.type().str());
  double sum = 0.0;
  const auto weights = data.weight.values<float>();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    require(Fault::data, std::isfinite(weights[i]) && weights[i] >= 0.0f,
            "{}: sample weights must be finite and 0 or more, row {} has {}.", where, i, weights[i]);
    sum += weights[i];
  }
  require(Fault::data, sum > 0.0, "{}: at least one sample weight must be above 0, all are 0.", where);
}

}  // namespace

Dataset Dataset::subset(std::span<const std::int64_t> rows) const {
  Dataset part = *this;
  part.x = take_rows(x, rows);
  part.y = take_rows(y, rows);
  part.weight = take_rows(weight, rows);
  return part;
}

void Dataset::validate(const std::string& where) const {
  require(Fault::data, x.defined() && x.shape().rank() >= 1, "{}: x needs a first axis that counts examples.",
          where);
  require(Fault::data, x.size() > 0, "{}: at least one row with one feature is needed, x is {}.", where,
          x.type().str());
  require(Fault::data, is_float(x.dtype()) || x.dtype() == DType::u8,
          "{}: x must be u8, f32 or f64, it is {}.", where, x.type().str());
  check_finite(where, "x", x, feature_names);
  if (weight.defined()) check_weights(where, *this);
  if (!y.defined()) return;
  require(Fault::data, y.shape().rank() >= 1 && y.shape()[0] == size(),
          "{}: x and y need the same number of rows, x is {}, y is {}.", where, x.type().str(),
          y.type().str());
  switch (kind) {
    case Kind::classes:
      return check_classes(where, *this);
    case Kind::multi_label:
      return check_multi_label(where, *this);
    case Kind::probabilities:
      return check_probabilities(where, *this);
    case Kind::real:
      require(Fault::data, is_float(y.dtype()) && y.size() > 0,
              "{}: real targets need y f32 or f64 with at least one value a row, y is {}.", where,
              y.type().str());
      return check_finite(where, "y", y, target_names);
  }
}

}  // namespace gradus::data
