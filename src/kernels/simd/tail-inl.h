// Partial vectors at the end of a run. Masked loads and stores touch nothing outside the run where the
// instruction set has them; elsewhere a buffer stands in.
// Included once per instruction set.
#if defined(GRADUS_SIMD_TAIL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef GRADUS_SIMD_TAIL_INL_H_
#undef GRADUS_SIMD_TAIL_INL_H_
#else
#define GRADUS_SIMD_TAIL_INL_H_
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace gradus::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Smaller numbers are newer instruction sets: AVX2 and everything after it.
#define GRADUS_SIMD_MASKED (HWY_TARGET <= HWY_AVX2)

// The first `count` lanes from p, the others 0.
template <class D, class T>
HWY_INLINE hn::Vec<D> load_tail(D d, const T* p, std::size_t count) {
#if GRADUS_SIMD_MASKED
  return hn::MaskedLoad(hn::FirstN(d, count), d, p);
#else
  HWY_ALIGN T lanes[hn::MaxLanes(d)] = {};
  for (std::size_t i = 0; i < count; ++i) lanes[i] = p[i];
  return hn::Load(d, lanes);
#endif
}

// Writes the first `count` lanes to p.
template <class D, class V, class T>
HWY_INLINE void store_tail(D d, V v, T* p, std::size_t count) {
#if GRADUS_SIMD_MASKED
  hn::BlendedStore(v, hn::FirstN(d, count), d, p);
#else
  HWY_ALIGN T lanes[hn::MaxLanes(d)];
  hn::Store(v, d, lanes);
  for (std::size_t i = 0; i < count; ++i) p[i] = lanes[i];
#endif
}

}  // namespace gradus::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
