#include "train/array_view.h"

#include <algorithm>
#include <cmath>

namespace gradus::train {

ArrayView view_of(const Tensor& tensor, const ExplainOptions& options) {
  ArrayView array;
  array.type = tensor.type();
  const std::int64_t size = tensor.size();
  array.complete = size <= options.full_size;
  const std::int64_t shown = array.complete ? size : options.first;
  std::int64_t finite = 0;
  for (std::int64_t i = 0; i < size; ++i) {
    const double x = tensor.at(i);
    if (i < shown) array.values.push_back(x);
    if (!std::isfinite(x)) continue;
    array.min = finite == 0 ? x : std::min(array.min, x);
    array.max = finite == 0 ? x : std::max(array.max, x);
    array.mean += x;
    array.norm += x * x;
    ++finite;
  }
  array.not_finite = size - finite;
  const double n = static_cast<double>(std::max<std::int64_t>(finite, 1));
  array.mean /= n;
  array.norm = std::sqrt(array.norm);
  double squares = 0;
  for (std::int64_t i = 0; i < size; ++i) {
    const double x = tensor.at(i);
    if (std::isfinite(x)) squares += (x - array.mean) * (x - array.mean);
  }
  array.std = std::sqrt(squares / n);
  return array;
}

}  // namespace gradus::train
