#include "train/array_view.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace gradus::train {

ArrayView view_of(const Tensor& tensor, const ExplainOptions& options) {
  const Tensor doubles = tensor.cast(DType::f64);
  const std::span<const double> elements = doubles.values<const double>();
  ArrayView array;
  array.type = tensor.type();
  array.complete = tensor.size() <= options.full_size;
  const std::size_t shown = array.complete ? elements.size() : static_cast<std::size_t>(options.first);
  array.values.assign(elements.begin(),
                      elements.begin() + static_cast<std::ptrdiff_t>(std::min(shown, elements.size())));
  std::int64_t finite = 0;
  for (const double x : elements) {
    if (!std::isfinite(x)) continue;
    array.min = finite == 0 ? x : std::min(array.min, x);
    array.max = finite == 0 ? x : std::max(array.max, x);
    array.mean += x;
    array.norm += x * x;
    ++finite;
  }
  array.not_finite = tensor.size() - finite;
  const double n = static_cast<double>(std::max<std::int64_t>(finite, 1));
  array.mean /= n;
  array.norm = std::sqrt(array.norm);
  double squares = 0;
  for (const double x : elements)
    if (std::isfinite(x)) squares += (x - array.mean) * (x - array.mean);
  array.std = std::sqrt(squares / n);
  return array;
}

}  // namespace gradus::train
