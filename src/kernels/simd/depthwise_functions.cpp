#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/depthwise_functions.cpp"
#include <hwy/foreach_target.h>
// Highway's order: foreach_target first.
#include <hwy/highway.h>

#include <algorithm>

#include "kernels/simd/depthwise.h"
#include "kernels/simd/tail-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gradus::simd::HWY_NAMESPACE {

// body(first channel, load, store) for every vector of channels, the last perhaps a part of one.
template <class T, class Body>
HWY_INLINE void each_vector(std::int64_t channels, Body&& body) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t c = 0;
  for (; c + lanes <= channels; c += lanes) {
    body(
        c, [=](const T* p) HWY_ATTR { return hn::LoadU(d, p); },
        [=](auto v, T* p) HWY_ATTR { hn::StoreU(v, d, p); });
  }
  if (c == channels) return;
  const auto rest = static_cast<std::size_t>(channels - c);
  body(
      c, [=](const T* p) HWY_ATTR { return load_tail(d, p, rest); },
      [=](auto v, T* p) HWY_ATTR { store_tail(d, v, p, rest); });
}

template <class T>
void spread(const Row& row, const void* from, std::int64_t x_step, const void* weight, void* to,
            std::int64_t y_step) {
  const auto *x = static_cast<const T*>(from), *w = static_cast<const T*>(weight);
  auto* y = static_cast<T*>(to);
  each_vector<T>(row.channels, [=, n = row.count](std::int64_t c, auto load, auto store) HWY_ATTR {
    const auto factor = load(w + c);
    for (std::int64_t p = 0; p < n; ++p) {
      T* target = y + p * y_step + c;
      store(hn::MulAdd(load(x + p * x_step + c), factor, load(target)), target);
    }
  });
}

template <class T>
void collect(const Row& row, const void* a, std::int64_t x_step, const void* b, std::int64_t y_step,
             void* weight) {
  const auto *x = static_cast<const T*>(a), *y = static_cast<const T*>(b);
  auto* w = static_cast<T*>(weight);
  each_vector<T>(row.channels, [=, n = row.count](std::int64_t c, auto load, auto store) HWY_ATTR {
    auto sum = hn::Zero(hn::ScalableTag<T>());
    for (std::int64_t p = 0; p < n; ++p)
      sum = hn::MulAdd(load(x + p * x_step + c), load(y + p * y_step + c), sum);
    store(hn::Add(load(w + c), sum), w + c);
  });
}

template <class T>
const DepthwiseFunctions* functions() {
  static const DepthwiseFunctions table = {spread<T>, collect<T>};
  return &table;
}

const DepthwiseFunctions* find_depthwise_rows(DType dtype) {
  if (dtype == DType::f32) return functions<float>();
#if HWY_HAVE_FLOAT64
  if (dtype == DType::f64) return functions<double>();
#endif
  return nullptr;
}

}  // namespace gradus::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gradus::simd {

HWY_EXPORT(find_depthwise_rows);

const DepthwiseFunctions* find_depthwise(DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_depthwise_rows)(dtype);
}

}  // namespace gradus::simd
#endif
