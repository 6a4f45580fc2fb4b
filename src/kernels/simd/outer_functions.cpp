#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/outer_functions.cpp"
#include <hwy/foreach_target.h>
// Highway's order: foreach_target first.
#include <hwy/highway.h>

#include "kernels/simd/outer.h"
#include "kernels/simd/tail-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gradus::simd::HWY_NAMESPACE {

// 12 rows of 2 vectors are 24 registers.
#if HWY_TARGET <= HWY_AVX3

constexpr int kVectors = 2;

// The sums stay in registers; `rest` lanes of the last vector count.
template <int kRows, int kUsed, bool kTail>
void add_block(const OuterProducts& p) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto rest = static_cast<std::size_t>(p.columns - (kUsed - 1) * lanes);
  const auto load = [=](const float* from, int v) HWY_ATTR {
    return kTail && v == kUsed - 1 ? load_tail(d, from + v * lanes, rest) : hn::LoadU(d, from + v * lanes);
  };
  hn::Vec<decltype(d)> sums[kRows][kUsed];
  for (int r = 0; r < kRows; ++r)
    for (int v = 0; v < kUsed; ++v) sums[r][v] = load(p.sum + r * p.sum_step, v);
  for (std::int64_t line = 0; line < p.lines; ++line) {
    const float *a = p.a + line * p.a_line, *b = p.b + line * p.b_line;
    for (std::int64_t place = 0; place < p.places; ++place, a += p.a_step, b += p.b_step) {
      hn::Vec<decltype(d)> columns[kUsed];
      for (int v = 0; v < kUsed; ++v) columns[v] = load(b, v);
      for (int r = 0; r < kRows; ++r) {
        const auto factor = hn::Set(d, a[r]);
        for (int v = 0; v < kUsed; ++v) sums[r][v] = hn::MulAdd(factor, columns[v], sums[r][v]);
      }
    }
  }
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kUsed; ++v) {
      float* const to = p.sum + r * p.sum_step + v * lanes;
      if (kTail && v == kUsed - 1) {
        store_tail(d, sums[r][v], to, rest);
      } else {
        hn::StoreU(sums[r][v], d, to);
      }
    }
  }
}

template <int kRows>
void add(const OuterProducts& p) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(hn::ScalableTag<float>()));
  if (p.columns == kVectors * lanes) return add_block<kRows, kVectors, false>(p);
  if (p.columns > lanes) return add_block<kRows, kVectors, true>(p);
  add_block<kRows, 1, true>(p);
}

template <int kRows>
const OuterFunctions* functions() {
  static const OuterFunctions table = {
      kVectors * static_cast<std::int64_t>(hn::Lanes(hn::ScalableTag<float>())), add<kRows>};
  return &table;
}

const OuterFunctions* find_outer_rows(std::int64_t rows) {
  if (rows == 4) return functions<4>();
  if (rows == 8) return functions<8>();
  return rows == 12 ? functions<12>() : nullptr;
}

#else

const OuterFunctions* find_outer_rows(std::int64_t) { return nullptr; }

#endif

}  // namespace gradus::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gradus::simd {

HWY_EXPORT(find_outer_rows);

const OuterFunctions* find_outer(std::int64_t rows) { return HWY_DYNAMIC_DISPATCH(find_outer_rows)(rows); }

}  // namespace gradus::simd
#endif
