#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/reduce_functions.cpp"
#include <hwy/foreach_target.h>
// Highway's order: foreach_target first.
#include <hwy/highway.h>

#include <algorithm>
#include <limits>

#include "kernels/simd/reduce.h"

HWY_BEFORE_NAMESPACE();
namespace gradus::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

struct Sum {
  template <class T>
  static constexpr T start() {
    return T(0);
  }
  template <class V>
  HWY_INLINE V operator()(V a, V b) const {
    return hn::Add(a, b);
  }
  template <class T>
  static T one(T a, T b) {
    return a + b;
  }
  template <class D, class V>
  static HWY_INLINE auto across(D d, V v) {
    return hn::GetLane(hn::SumOfLanes(d, v));
  }
};

// NaN wins: comparisons with NaN are false, so it is carried by the sum.
struct Max {
  template <class T>
  static constexpr T start() {
    return -std::numeric_limits<T>::infinity();
  }
  template <class V>
  HWY_INLINE V operator()(V a, V b) const {
    const auto nan = hn::Or(hn::IsNaN(a), hn::IsNaN(b));
    return hn::IfThenElse(nan, hn::Add(a, b), hn::IfThenElse(hn::Gt(a, b), a, b));
  }
  template <class T>
  static T one(T a, T b) {
    return a != a || b != b ? a + b : (a > b ? a : b);
  }
  template <class D, class V>
  static HWY_INLINE auto across(D d, V v) {
    HWY_ALIGN hn::TFromD<D> lanes[hn::MaxLanes(d)];
    hn::Store(v, d, lanes);
    auto result = lanes[0];
    for (std::size_t i = 1; i < hn::Lanes(d); ++i) result = one(result, lanes[i]);
    return result;
  }
};

// One contiguous row, in blocks whose partial results are joined in double: the error of a long sum
// stays that of a block.
template <class T, class F>
T row(const T* x, std::size_t n) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  constexpr std::size_t kBlock = 4096;
  const F f{};
  double total = static_cast<double>(F::template start<T>());
  for (std::size_t begin = 0; begin < n; begin += kBlock) {
    const std::size_t end = std::min(n, begin + kBlock);
    auto a = hn::Set(d, F::template start<T>()), b = a, c = a, e = a;
    std::size_t i = begin;
    for (; i + 4 * lanes <= end; i += 4 * lanes) {
      a = f(a, hn::LoadU(d, x + i));
      b = f(b, hn::LoadU(d, x + i + lanes));
      c = f(c, hn::LoadU(d, x + i + 2 * lanes));
      e = f(e, hn::LoadU(d, x + i + 3 * lanes));
    }
    for (; i + lanes <= end; i += lanes) a = f(a, hn::LoadU(d, x + i));
    T part = F::across(d, f(f(a, b), f(c, e)));
    for (; i < end; ++i) part = F::one(part, x[i]);
    total = F::one(total, static_cast<double>(part));
  }
  return static_cast<T>(total);
}

// Rows [begin, end) of x into y, joined with what y holds unless begin is 0: vectors run along the rows,
// four results at a time stay in registers.
template <class T, class F>
void column_block(const T* x, T* y, std::size_t begin, std::size_t end, std::size_t inner) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const F f{};
  const auto start = hn::Set(d, F::template start<T>());
  const auto keep = [&](auto v, T* to) { hn::StoreU(begin == 0 ? v : f(hn::LoadU(d, to), v), d, to); };
  std::size_t j = 0;
  for (; j + 4 * lanes <= inner; j += 4 * lanes) {
    auto a = start, b = start, c = start, e = start;
    for (std::size_t i = begin; i < end; ++i) {
      const T* p = x + i * inner + j;
      a = f(a, hn::LoadU(d, p));
      b = f(b, hn::LoadU(d, p + lanes));
      c = f(c, hn::LoadU(d, p + 2 * lanes));
      e = f(e, hn::LoadU(d, p + 3 * lanes));
    }
    keep(a, y + j);
    keep(b, y + j + lanes);
    keep(c, y + j + 2 * lanes);
    keep(e, y + j + 3 * lanes);
  }
  for (; j + lanes <= inner; j += lanes) {
    auto a = start;
    for (std::size_t i = begin; i < end; ++i) a = f(a, hn::LoadU(d, x + i * inner + j));
    keep(a, y + j);
  }
  for (; j < inner; ++j) {
    T a = F::template start<T>();
    for (std::size_t i = begin; i < end; ++i) a = F::one(a, x[i * inner + j]);
    y[j] = begin == 0 ? a : F::one(y[j], a);
  }
}

// In blocks of rows, so that the error of a long sum stays that of a short one.
template <class T, class F>
void columns(const T* x, T* y, std::size_t n, std::size_t inner) {
  constexpr std::size_t kBlock = 512;
  if (n == 0) return column_block<T, F>(x, y, 0, 0, inner);
  for (std::size_t begin = 0; begin < n; begin += kBlock) {
    column_block<T, F>(x, y, begin, std::min(n, begin + kBlock), inner);
  }
}

template <class T, class F>
void reduce(const ReduceRun& run) {
  const auto* x = static_cast<const T*>(run.x);
  auto* y = static_cast<T*>(run.y);
  for (std::size_t o = 0; o < run.outer; ++o) {
    const T* from = x + o * run.n * run.inner;
    if (run.inner == 1)
      y[o] = row<T, F>(from, run.n);
    else
      columns<T, F>(from, y + o * run.inner, run.n, run.inner);
  }
}

ReduceFunction find_reduce(Reduction reduction, DType dtype) {
  const bool is_sum = reduction == Reduction::sum;
  if (dtype == DType::f32) return is_sum ? reduce<float, Sum> : reduce<float, Max>;
#if HWY_HAVE_FLOAT64
  if (dtype == DType::f64) return is_sum ? reduce<double, Sum> : reduce<double, Max>;
#endif
  return nullptr;
}

}  // namespace gradus::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gradus::simd {

HWY_EXPORT(find_reduce);

ReduceFunction find_reduction(Reduction reduction, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_reduce)(reduction, dtype);
}

}  // namespace gradus::simd
#endif
