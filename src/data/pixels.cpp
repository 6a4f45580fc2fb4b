#include "data/pixels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "data/pixels.cpp"
#include <hwy/foreach_target.h>
// Highway's order: foreach_target first.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace gradus::data::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class F>
HWY_INLINE void convert(std::span<const std::uint8_t> from, float* to, const F& f) {
  const hn::ScalableTag<float> d;
  const hn::Rebind<std::int32_t, decltype(d)> whole;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  const std::size_t lanes = hn::Lanes(d), n = from.size();
  const auto some = [&](std::size_t i) {
    return f(d, hn::ConvertTo(d, hn::PromoteTo(whole, hn::LoadU(bytes, from.data() + i))));
  };
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(some(i), d, to + i);
  // The last lanes again, some of them for the second time.
  if (i < n && n >= lanes) return hn::StoreU(some(n - lanes), d, to + n - lanes);
  const hn::CappedTag<float, 1> one;
  for (; i < n; ++i) hn::StoreU(f(one, hn::Set(one, static_cast<float>(from[i]))), one, to + i);
}

struct Share {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V v) const {
    return hn::Div(v, hn::Set(d, 255.0F));
  }
};

struct Scaled {
  float scale, shift;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V v) const {
    return hn::Add(hn::Mul(v, hn::Set(d, scale)), hn::Set(d, shift));
  }
};

void as_shares(std::span<const std::uint8_t> from, float* to) { convert(from, to, Share()); }
void scaled(std::span<const std::uint8_t> from, float scale, float shift, float* to) {
  convert(from, to, Scaled{scale, shift});
}

}  // namespace gradus::data::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gradus::data {

HWY_EXPORT(as_shares);
HWY_EXPORT(scaled);

void pixels_as_shares(std::span<const std::uint8_t> from, float* to) {
  HWY_DYNAMIC_DISPATCH(as_shares)(from, to);
}
void pixels_scaled(std::span<const std::uint8_t> from, float scale, float shift, float* to) {
  HWY_DYNAMIC_DISPATCH(scaled)(from, scale, shift, to);
}

}  // namespace gradus::data
#endif
