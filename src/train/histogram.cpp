#include "train/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tensor/dispatch.h"

namespace gradus::train {

Histogram histogram_of(const Tensor& array, std::size_t parts) {
  Histogram h;
  h.size = array.size();
  h.low = std::numeric_limits<double>::infinity(), h.high = -h.low;
  double sum = 0, squares = 0, n = 0;
  const auto each = [&](auto&& visit) {
    dispatch(array.dtype(), [&](auto zero) {
      for (const auto value : array.values<decltype(zero)>()) visit(static_cast<double>(value));
    });
  };
  each([&](double x) {
    if (!std::isfinite(x)) {
      ++h.not_finite;
      return;
    }
    h.low = std::min(h.low, x), h.high = std::max(h.high, x);
    sum += x, squares += x * x, ++n;
    h.zeros += x == 0;
  });
  if (h.size > 0) h.zeros /= static_cast<double>(h.size);
  if (n == 0) {
    h.low = h.high = 0;
    return h;
  }
  h.mean = sum / n;
  h.norm = std::sqrt(squares);
  h.counts.assign(parts, 0);
  const double half_width = h.high / 2 - h.low / 2;  // the whole one can overflow
  double spread = 0;
  each([&](double x) {
    if (!std::isfinite(x)) return;
    spread += (x - h.mean) * (x - h.mean);
    const auto part =
        half_width > 0
            ? static_cast<std::size_t>((x / 2 - h.low / 2) / half_width * static_cast<double>(parts))
            : 0;
    ++h.counts[std::min(part, parts - 1)];
  });
  h.std = std::sqrt(spread / n);
  return h;
}

}  // namespace gradus::train
