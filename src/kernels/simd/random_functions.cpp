#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/random_functions.cpp"
#include <hwy/foreach_target.h>
// Highway's order: foreach_target first.
#include <hwy/highway.h>

#include <algorithm>

#include "kernels/simd/random.h"

HWY_BEFORE_NAMESPACE();
namespace gradus::simd::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR && HWY_HAVE_FLOAT64  // one lane holds no two words

namespace hn = hwy::HWY_NAMESPACE;

// Two elements of the sequence come from each block: 53 bits of words 0 and 1, and of words 2 and 3.
template <class V>
struct Draws {
  V even, odd;
};

// The draws of blocks first, first + 1, ..., one in each 64-bit lane. Only the low halves of the state count;
// what is above them is left as it falls until the end (Salmon et al. 2011, Philox4x32-10).
template <class D>
HWY_INLINE Draws<hn::Vec<D>> draw(D d, const RandomSequence& random, std::uint64_t first) {
  const hn::Repartition<std::uint32_t, D> halves;
  const auto m0 = hn::BitCast(halves, hn::Set(d, 0xD2511F53u)),
             m1 = hn::BitCast(halves, hn::Set(d, 0xCD9E8D57u));
  const auto w0 = hn::Set(d, 0x9E3779B9u), w1 = hn::Set(d, 0xBB67AE85u);
  const auto block = hn::Add(hn::Iota(d, 0), hn::Set(d, first));
  auto k0 = hn::Set(d, random.seed()), k1 = hn::Set(d, random.seed() >> 32);
  auto c0 = block, c1 = hn::Set(d, random.step()), c2 = hn::Set(d, std::uint64_t{random.stream()});
  auto c3 = hn::Or(hn::And(hn::ShiftRight<32>(block), hn::Set(d, 0xffffu)),
                   hn::Set(d, (random.step() >> 32) << 16));
  // The high half of a product where the low one was: a shuffle, as the multiplier's port also does shifts.
  const auto high = [&](auto v) { return hn::BitCast(d, hn::Shuffle2301(hn::BitCast(halves, v))); };
  for (int round = 0; round < 10; ++round) {
    const auto p0 = hn::MulEven(hn::BitCast(halves, c0), m0), p1 = hn::MulEven(hn::BitCast(halves, c2), m1);
    c0 = hn::Xor(hn::Xor(high(p1), c1), k0);
    c1 = p1;
    c2 = hn::Xor(hn::Xor(high(p0), c3), k1);
    c3 = p0;
    k0 = hn::Add(k0, w0);
    k1 = hn::Add(k1, w1);
  }
  const auto low = hn::Set(d, 0xffffffffu);
  const auto join = [&](auto high_word, auto low_word) {
    return hn::ShiftRight<11>(hn::Or(hn::ShiftLeft<32>(high_word), hn::And(low_word, low)));
  };
  return {join(c0, c1), join(c2, c3)};
}

// Elements [begin, end) from write(draws, to), which puts those of a vector of blocks in order.
template <class T, class Write>
HWY_INLINE void each_draw(const RandomSequence& random, T* y, std::uint64_t begin, std::uint64_t end,
                          Write&& write) {
  const hn::ScalableTag<std::uint64_t> d;
  const std::uint64_t step = 2 * hn::Lanes(d);
  T some[2 * hn::MaxLanes(d)];
  if (begin % 2 == 1 && begin < end) {
    write(draw(d, random, begin / 2), some);
    *y++ = some[1];
    ++begin;
  }
  for (; begin + step <= end; begin += step, y += step) write(draw(d, random, begin / 2), y);
  if (begin < end) {
    write(draw(d, random, begin / 2), some);
    std::copy(some, some + (end - begin), y);
  }
}

// 64-bit lanes with the bits of floats in their low halves: even and odd elements next to each other.
template <class V>
HWY_INLINE void store_pairs(V even, V odd, float* y) {
  const hn::DFromV<V> d;
  const hn::Repartition<float, decltype(d)> df;
  hn::StoreU(hn::BitCast(df, hn::Or(even, hn::ShiftLeft<32>(odd))), df, y);
}
template <class V>
HWY_INLINE void store_pairs(V even, V odd, double* y) {
  const hn::ScalableTag<double> df;
  hn::StoreInterleaved2(hn::BitCast(df, even), hn::BitCast(df, odd), df, y);
}

template <class T>
void draw_bernoulli(const RandomSequence& random, std::uint64_t limit, void* to, std::uint64_t begin,
                    std::uint64_t end) {
  const hn::ScalableTag<std::uint64_t> d;
  const hn::ScalableTag<std::int64_t> di;
  const auto v_limit = hn::Set(di, static_cast<std::int64_t>(limit));
  const auto one = hn::Set(d, sizeof(T) == 4 ? std::uint64_t{0x3f800000} : std::uint64_t{0x3ff0000000000000});
  const auto value = [&](auto bits) {
    return hn::IfThenElseZero(hn::RebindMask(d, hn::Lt(hn::BitCast(di, bits), v_limit)), one);
  };
  each_draw(random, static_cast<T*>(to), begin, end,
            [&](auto draws, T* y) { store_pairs(value(draws.even), value(draws.odd), y); });
}

template <class T>
void draw_uniform(const RandomSequence& random, double low, double width, double top, void* to,
                  std::uint64_t begin, std::uint64_t end) {
  const hn::ScalableTag<std::uint64_t> d;
  const hn::ScalableTag<std::int64_t> di;
  const hn::ScalableTag<double> df;
  const auto v_low = hn::Set(df, low), v_width = hn::Set(df, width), unit = hn::Set(df, 0x1p-53);
  // The product is rounded before the sum, as the plain kernel does.
  const auto value = [&](auto bits) {
    const auto u = hn::Mul(hn::ConvertTo(df, hn::BitCast(di, bits)), unit);
    const auto number = hn::Add(v_low, hn::Mul(v_width, u));
    if constexpr (sizeof(T) == 4) {
      const hn::Rebind<float, decltype(df)> narrow;
      const hn::Rebind<std::uint32_t, decltype(df)> bits32;
      const auto rounded = hn::Min(hn::DemoteTo(narrow, number), hn::Set(narrow, static_cast<float>(top)));
      return hn::PromoteTo(d, hn::BitCast(bits32, rounded));
    } else {
      return hn::BitCast(d, hn::Min(number, hn::Set(df, top)));
    }
  };
  each_draw(random, static_cast<T*>(to), begin, end,
            [&](auto draws, T* y) { store_pairs(value(draws.even), value(draws.odd), y); });
}

template <class T>
constexpr RandomFunctions kRandomFunctions = {draw_bernoulli<T>, draw_uniform<T>};

const RandomFunctions* find_random_functions(DType dtype) {
  if (dtype == DType::f32) return &kRandomFunctions<float>;
  if (dtype == DType::f64) return &kRandomFunctions<double>;
  return nullptr;
}

#else

const RandomFunctions* find_random_functions(DType) { return nullptr; }

#endif

}  // namespace gradus::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gradus::simd {

HWY_EXPORT(find_random_functions);

const RandomFunctions* find_random(DType dtype) { return HWY_DYNAMIC_DISPATCH(find_random_functions)(dtype); }

}  // namespace gradus::simd
#endif
