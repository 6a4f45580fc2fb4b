#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "gradus/data.h"
#include "tensor/dispatch.h"

namespace gradus::data {
namespace {

struct Moments {
  double mean = 0, std = 1;
};

// Of values each met a number of times, in two passes; constant ones keep the deviation 1.
template <class Each>
Moments moments(double count, const Each& each) {
  Moments result;
  double low = INFINITY, high = -INFINITY, squares = 0;
  each([&](double value, double times) {
    result.mean += value * (times / count);  // divided first, so that large values do not overflow the sum
    low = std::min(low, value);
    high = std::max(high, value);
  });
  if (low == high) return {low, 1};  // rounding would give a tiny deviation
  each([&](double value, double times) {
    squares += (value - result.mean) * (value - result.mean) * (times / count);
  });
  if (squares > 0) result.std = std::sqrt(squares);
  return result;
}

}  // namespace

Normalizer Normalizer::fit(const Tensor& x) {
  require(Fault::data, x.defined() && (is_float(x.dtype()) || x.dtype() == DType::u8),
          "normalize: x [N, C, H, W] must be u8, f32 or f64, it is {}.",
          x.defined() ? x.type().str() : "undefined");
  require(Fault::data, x.shape().rank() == 4 && x.size() > 0,
          "normalize: images x [N, C, H, W] were needed, x is {}. Other data take --standardize on.",
          x.type().str());
  const std::int64_t images = x.shape()[0], channels = x.shape()[1], plane = x.shape()[2] * x.shape()[3];
  const auto count = static_cast<double>(images * plane);
  Normalizer result;
  dispatch(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* values = x.values<T>().data();
    for (std::int64_t c = 0; c < channels; ++c) {
      const auto pixels = [&](auto&& visit) {
        for (std::int64_t n = 0; n < images; ++n) {
          const T* first = values + (n * channels + c) * plane;
          std::for_each(first, first + plane, visit);
        }
      };
      Moments m;
      if constexpr (std::is_same_v<T, std::uint8_t>) {
        std::array<double, 256> times{};
        pixels([&](std::uint8_t value) { ++times[value]; });
        m = moments(count, [&](auto&& visit) {
          for (std::size_t v = 0; v < 256; ++v)
            if (times[v] > 0) visit(static_cast<double>(v) / 255, times[v]);
        });
      } else {
        m = moments(count,
                    [&](auto&& visit) { pixels([&](T value) { visit(static_cast<double>(value), 1.0); }); });
      }
      result.mean.push_back(m.mean);
      result.std.push_back(m.std);
    }
  });
  return result;
}

void Normalizer::require_fits(const Tensor& x) const {
  const auto channels = static_cast<std::int64_t>(mean.size());
  require(Fault::data, channels > 0 && x.shape().without(0).size() % channels == 0,
          "normalize: images of {} channels were needed, x is {}.", channels, x.type().str());
}

}  // namespace gradus::data
