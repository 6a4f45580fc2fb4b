#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/cast_functions.cpp"
#include <hwy/foreach_target.h>
// Highway's order: foreach_target first.
#include <hwy/highway.h>

#include <algorithm>

#include "kernels/simd/elementwise.h"

HWY_BEFORE_NAMESPACE();
namespace gradus::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The upper halves of f32, to the nearest, ties to even; a NaN stays one.
struct ToBf16 {
  using From = float;
  using To = std::uint16_t;
  template <class D, class V>
  HWY_INLINE auto operator()(D, V x) const {
    const hn::RebindToUnsigned<D> bits;
    const hn::RebindToSigned<D> whole;
    const hn::Rebind<To, D> half;
    const auto all = hn::BitCast(bits, x), upper = hn::ShiftRight<16>(all);
    const auto odd = hn::And(upper, hn::Set(bits, 1));
    const auto nearest = hn::ShiftRight<16>(hn::Add(all, hn::Add(odd, hn::Set(bits, 0x7fff))));
    const auto quiet = hn::Or(upper, hn::Set(bits, 0x40));
    const auto y = hn::IfThenElse(hn::RebindMask(bits, hn::IsNaN(x)), quiet, nearest);
    return hn::DemoteTo(half, hn::BitCast(whole, y));
  }
  template <class D>
  static HWY_INLINE auto load(D d, const From* x) {
    return hn::LoadU(d, x);
  }
  template <class D, class V>
  static HWY_INLINE void store(D, V y, To* to) {
    hn::StoreU(y, hn::Rebind<To, D>(), to);
  }
};
struct FromBf16 {
  using From = std::uint16_t;
  using To = float;
  template <class D, class V>
  HWY_INLINE auto operator()(D, V x) const {
    const hn::RebindToUnsigned<D> bits;
    return hn::BitCast(D(), hn::ShiftLeft<16>(hn::PromoteTo(bits, x)));
  }
  template <class D>
  static HWY_INLINE auto load(D, const From* x) {
    return hn::LoadU(hn::Rebind<From, D>(), x);
  }
  template <class D, class V>
  static HWY_INLINE void store(D d, V y, To* to) {
    hn::StoreU(y, d, to);
  }
};

template <class F>
void convert(const Run& run) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto* x = static_cast<const typename F::From*>(run.in[0]);
  auto* y = static_cast<typename F::To*>(run.out);
  const F f{};
  HWY_ALIGN typename F::From from[hn::MaxLanes(d)] = {};
  HWY_ALIGN typename F::To to[hn::MaxLanes(d)] = {};
  std::size_t i = 0;
  if (run.scalar[0]) {
    from[0] = x[0];
    F::store(d, f(d, F::load(d, from)), to);
    std::fill_n(y, run.n, to[0]);
    return;
  }
  for (; i + lanes <= run.n; i += lanes) F::store(d, f(d, F::load(d, x + i)), y + i);
  if (i == run.n) return;
  std::copy(x + i, x + run.n, from);
  F::store(d, f(d, F::load(d, from)), to);
  std::copy_n(to, run.n - i, y + i);
}

template <class From, class To>
void convert_plainly(const Run& run) {
  const auto* x = static_cast<const From*>(run.in[0]);
  auto* y = static_cast<To*>(run.out);
  for (std::size_t i = 0; i < run.n; ++i) y[i] = static_cast<To>(x[run.scalar[0] ? 0 : i]);
}

RunFunction find(DType from, DType to) {
  if (from == DType::f64 && to == DType::f32) return convert_plainly<double, float>;
  if (from == DType::f32 && to == DType::f64) return convert_plainly<float, double>;
  if (from == DType::f32 && to == DType::bf16) return convert<ToBf16>;
  if (from == DType::bf16 && to == DType::f32) return convert<FromBf16>;
  return nullptr;
}

}  // namespace gradus::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gradus::simd {

HWY_EXPORT(find);

RunFunction find_cast(DType from, DType to) { return HWY_DYNAMIC_DISPATCH(find)(from, to); }

}  // namespace gradus::simd
#endif
