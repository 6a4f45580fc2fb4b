#include <algorithm>

#include "base/check.h"
#include "data/labels.h"
#include "gradus/data.h"

namespace gradus::data {
namespace {

// Integer targets of these dtypes are labels; u8 and bool included.
bool is_label_dtype(DType dtype) { return is_integer(dtype) || dtype == DType::boolean; }

Tensor as_inputs(const Tensor& x) {
  const Tensor shaped = x.shape().rank() == 1 ? x.reshaped(Shape{x.shape()[0], 1}) : x;
  const bool kept = is_float(x.dtype()) || x.dtype() == DType::u8;
  return kept ? shaped : shaped.cast(DType::f64);
}

bool all_zero_or_one(const Tensor& y) {
  for (std::int64_t i = 0; i < y.size(); ++i) {
    if (y.at(i) != 0.0 && y.at(i) != 1.0) return false;
  }
  return true;
}

bool is_column(const Shape& shape) { return shape.rank() == 1 || (shape.rank() == 2 && shape[1] == 1); }

// u8 targets that are images: of an image's rank, or flattened beside inputs of the same shape.
bool are_pixels(const Tensor& y, const Tensor& x) {
  return y.dtype() == DType::u8 &&
         (y.shape().rank() >= 3 ||
          (x.dtype() == DType::u8 && y.shape() == x.shape() && y.shape().rank() == 2));
}

void set_real(Dataset& data, const Tensor& y) {
  data.kind = Kind::real;
  data.y = is_float(y.dtype()) ? y : y.cast(DType::f64);
  if (!are_pixels(y, data.x)) return;
  for (double& value : data.y.values<double>()) value /= 255.0;
}

void set_labels(Dataset& data, const Tensor& y, const ArrayOptions& options) {
  const Tensor wide = y.cast(DType::i64);
  const LabelPlace place{options.where, [](std::int64_t row) { return fmt::format("row {}", row); }};
  EncodedLabels encoded = encode_integers(wide.values<std::int64_t>(), options.labels, place);
  data.kind = Kind::classes;
  data.y = std::move(encoded.y);
  data.classes = encoded.classes;
  data.labels = std::move(encoded.map);
  data.class_names = data.labels.values;
}

void set_targets(Dataset& data, const Tensor& y, const ArrayOptions& options) {
  const bool labels = is_label_dtype(y.dtype());
  const bool asked = options.targets == Targets::multi_label && y.shape().rank() == 2;
  const bool table_of_bits = labels && y.shape().rank() == 2 && y.shape()[1] > 1 && all_zero_or_one(y);
  if (options.targets == Targets::real) return set_real(data, y);
  if (options.targets == Targets::probabilities && y.shape().rank() == 2) {
    data.kind = Kind::probabilities;
    data.y = y.cast(DType::f64);
    data.classes = y.shape()[1];
    return;
  }
  if (asked || table_of_bits) {
    data.kind = Kind::multi_label;
    data.y = y.cast(DType::f64);
    data.classes = y.shape()[1];
    return;
  }
  if (labels && is_column(y.shape())) return set_labels(data, y, options);
  set_real(data, y);
}

}  // namespace

Dataset from_arrays(const Tensor& x, const Tensor& y, const ArrayOptions& options) {
  require(Fault::data, x.defined() && x.shape().rank() >= 1, "{}: x needs a first axis that counts examples.",
          options.where);
  require(Fault::data, x.size() > 0, "{}: at least one row with one feature is needed, x is {}.",
          options.where, x.type().str());
  Dataset data;
  data.x = as_inputs(x);
  if (y.defined()) {
    require(Fault::data, y.shape().rank() >= 1 && y.shape()[0] == data.size(),
            "{}: x and y need the same number of rows, x is {}, y is {}.", options.where, x.type().str(),
            y.type().str());
    set_targets(data, y, options);
  }
  data.validate(options.where);
  return data;
}

}  // namespace gradus::data
