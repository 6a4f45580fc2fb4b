#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "gradus/data.h"
#include "tensor/dispatch.h"

namespace gradus::data {
namespace {

// u8 elements stand for pixels, as they do in a batch.
template <class T>
constexpr double kScale = std::is_same_v<T, std::uint8_t> ? 255.0 : 1.0;

void require_numbers(const Tensor& x) {
  require(Fault::data,
          x.defined() && x.shape().rank() >= 1 && (is_float(x.dtype()) || x.dtype() == DType::u8),
          "standardize: x [N, ...] must be u8, f32 or f64, it is {}.",
          x.defined() ? x.type().str() : "undefined");
}

}  // namespace

Standardizer Standardizer::fit(const Tensor& x) {
  require_numbers(x);
  require(Fault::data, x.shape()[0] > 0, "standardize: at least one row is needed, x is {}.", x.type().str());
  const auto rows = static_cast<std::size_t>(x.shape()[0]);
  const auto width = static_cast<std::size_t>(x.shape().without(0).size());
  Standardizer result{std::vector<double>(width, 0.0), std::vector<double>(width, 0.0)};
  std::vector<double> low(width, std::numeric_limits<double>::infinity());
  std::vector<double> high(width, -std::numeric_limits<double>::infinity());
  dispatch(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto values = x.values<T>();
    const auto each = [&](auto&& visit) {
      for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < width; ++j) {
          visit(j, static_cast<double>(values[i * width + j]) / kScale<T>);
        }
      }
    };
    const auto n = static_cast<double>(rows);
    each([&](std::size_t j, double value) {
      result.mean[j] += value / n;  // divided first, so that large values do not overflow the sum
      low[j] = std::min(low[j], value);
      high[j] = std::max(high[j], value);
    });
    each([&](std::size_t j, double value) {
      result.std[j] += (value - result.mean[j]) * (value - result.mean[j]) / n;
    });
  });
  for (std::size_t j = 0; j < width; ++j) {
    // Rounding gives a constant column a tiny deviation, which must not be divided by.
    const bool constant = low[j] == high[j];
    if (constant) result.mean[j] = low[j];
    const double deviation = std::sqrt(result.std[j]);
    result.std[j] = constant || !(deviation > 0.0) ? 1.0 : deviation;
  }
  return result;
}

Tensor Standardizer::apply(const Tensor& x) const {
  require_numbers(x);
  const auto width = static_cast<std::size_t>(x.shape().without(0).size());
  require(Fault::data, width == mean.size(), "standardize: examples of {} elements were needed, x is {}.",
          mean.size(), x.type().str());
  Tensor result(x.dtype() == DType::f64 ? DType::f64 : DType::f32, x.shape());
  dispatch(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    using To = std::conditional_t<std::is_same_v<T, double>, double, float>;
    const auto from = x.values<T>();
    const auto to = result.values<To>();
    for (std::size_t i = 0; i < from.size(); ++i) {
      const std::size_t j = i % width;
      to[i] = static_cast<To>((static_cast<double>(from[i]) / kScale<T> - mean[j]) / std[j]);
    }
  });
  return result;
}

}  // namespace gradus::data
