#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/tap_sums_functions.cpp"
#include <hwy/foreach_target.h>
// Highway's order: foreach_target first.
#include <hwy/highway.h>

#include "kernels/simd/tail-inl.h"
#include "kernels/simd/tap_sums.h"

HWY_BEFORE_NAMESPACE();
namespace gradus::simd::HWY_NAMESPACE {

void tap_sums(std::span<const float* const> taps, std::int64_t step, std::int64_t width, std::int64_t places,
              float* y) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  static_assert(hn::MaxLanes(d) <= kTapSumsSlack);
  for (std::int64_t place = 0; place < places; ++place, y += width) {
    for (std::int64_t i = 0; i < width; i += lanes) {
      const std::int64_t at = place * step + i;
      auto sum = hn::LoadU(d, taps[0] + at);
      for (std::size_t t = 1; t < taps.size(); ++t) sum = hn::Add(sum, hn::LoadU(d, taps[t] + at));
      if (width - i >= lanes) {
        hn::StoreU(sum, d, y + i);
      } else {
        store_tail(d, sum, y + i, static_cast<std::size_t>(width - i));
      }
    }
  }
}

TapSums find_sums() { return tap_sums; }

}  // namespace gradus::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gradus::simd {

HWY_EXPORT(find_sums);

TapSums find_tap_sums() { return HWY_DYNAMIC_DISPATCH(find_sums)(); }

}  // namespace gradus::simd
#endif
