#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/softmax_functions.cpp"
#include <hwy/foreach_target.h>
// Highway's order: foreach_target first.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <cmath>
#include <limits>

#include "kernels/simd/softmax.h"
#include "kernels/simd/tail-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gradus::simd::HWY_NAMESPACE {

// The largest element; NaN if there is one, so that it reaches the result.
template <class T>
T maximum(const T* x, std::int64_t n) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto lowest = hn::Set(d, -std::numeric_limits<T>::infinity());
  auto largest = lowest, poison = hn::Zero(d);
  const auto take = [&](auto v) {
    largest = hn::IfThenElse(hn::Gt(v, largest), v, largest);
    poison = hn::IfThenElse(hn::IsNaN(v), v, poison);
  };
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) take(hn::LoadU(d, x + i));
  if (i < n) {
    const auto inside = hn::FirstN(d, static_cast<std::size_t>(n - i));
    take(hn::IfThenElse(inside, load_tail(d, x + i, static_cast<std::size_t>(n - i)), lowest));
  }
  return hn::GetLane(hn::MaxOfLanes(d, largest)) + hn::GetLane(hn::SumOfLanes(d, poison));
}

// Writes exp(x - shift) and gives its sum.
template <class T>
T exponentials(const T* x, T* y, std::int64_t n, T shift) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto v_shift = hn::Set(d, shift);
  // Below this the exponential rounds to 0; Highway's own range ends a little earlier.
  const auto smallest = hn::Set(d, sizeof(T) == 4 ? T(-103.97) : T(-745.13));
  const auto value = [&](auto v) {
    const auto z = hn::Sub(v, v_shift);
    const auto e = hn::IfThenElse(hn::Lt(z, smallest), hn::Zero(d), hn::Exp(d, hn::Max(z, smallest)));
    return hn::IfThenElse(hn::IsNaN(z), z, e);
  };
  auto sum = hn::Zero(d);
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto e = value(hn::LoadU(d, x + i));
    hn::StoreU(e, d, y + i);
    sum = hn::Add(sum, e);
  }
  if (i < n) {
    const auto count = static_cast<std::size_t>(n - i);
    const auto e = hn::IfThenElseZero(hn::FirstN(d, count), value(load_tail(d, x + i, count)));
    store_tail(d, e, y + i, count);
    sum = hn::Add(sum, e);
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

// A row of -infinity alone has no distribution: 0 / 0 gives NaN.
template <class T>
void softmax(const void* from, void* to, std::int64_t rows, std::int64_t n) {
  const auto* x = static_cast<const T*>(from);
  auto* y = static_cast<T*>(to);
  for (std::int64_t r = 0; r < rows; ++r, x += n, y += n) {
    const T scale = 1 / exponentials(x, y, n, maximum(x, n));
    for (std::int64_t i = 0; i < n; ++i) y[i] *= scale;
  }
}

// The sum of exponentials without keeping them: a block at a time on the stack. The largest element gives
// exactly 1; what the others add to it goes through log1p, so that a small loss keeps its digits.
template <class T>
void log_sum_exp(const void* from, std::int64_t n, void* to) {
  constexpr std::int64_t kBlock = 256;
  HWY_ALIGN T block[kBlock];
  const auto* x = static_cast<const T*>(from);
  const T shift = maximum(x, n);
  T ties = 0, rest = 0;
  for (std::int64_t begin = 0; begin < n; begin += kBlock) {
    const std::int64_t count = std::min(kBlock, n - begin);
    exponentials(x + begin, block, count, shift);
    for (std::int64_t i = 0; i < count; ++i) {
      const bool largest = x[begin + i] == shift;
      ties += largest ? T(1) : T(0);
      rest += largest ? T(0) : block[i];
    }
  }
  static_cast<T*>(to)[0] = shift;
  static_cast<T*>(to)[1] = std::log1p(rest + (ties - 1));
}

// (x - shift) - log sum: the shift is gone before it can swallow the digits of the logarithm.
template <class T>
void log_softmax(const void* from, void* to, std::int64_t rows, std::int64_t n) {
  const auto* x = static_cast<const T*>(from);
  auto* y = static_cast<T*>(to);
  for (std::int64_t r = 0; r < rows; ++r, x += n, y += n) {
    T total[2];
    log_sum_exp<T>(x, n, total);
    for (std::int64_t i = 0; i < n; ++i) y[i] = (x[i] - total[0]) - total[1];
  }
}

template <class T>
constexpr SoftmaxFunctions kFunctions = {softmax<T>, log_softmax<T>, log_sum_exp<T>};

const SoftmaxFunctions* find_rows(DType dtype) {
  if (dtype == DType::f32) return &kFunctions<float>;
#if HWY_HAVE_FLOAT64
  if (dtype == DType::f64) return &kFunctions<double>;
#endif
  return nullptr;
}

}  // namespace gradus::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gradus::simd {

HWY_EXPORT(find_rows);

const SoftmaxFunctions* find_softmax(DType dtype) { return HWY_DYNAMIC_DISPATCH(find_rows)(dtype); }

}  // namespace gradus::simd
#endif
