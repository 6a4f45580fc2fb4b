#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/norm_functions.cpp"
#include <hwy/foreach_target.h>
// Highway's order: foreach_target first.
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "kernels/simd/norm.h"
#include "kernels/simd/tail-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gradus::simd::HWY_NAMESPACE {

// A vector at p, of which `count` lanes are there; whole vectors where kWhole.
template <bool kWhole>
struct Access {
  template <class D, class T>
  static HWY_INLINE hn::Vec<D> load(D d, const T* p, [[maybe_unused]] std::size_t count) {
    if constexpr (kWhole)
      return hn::LoadU(d, p);
    else
      return load_tail(d, p, count);
  }
  template <class D>
  static HWY_INLINE hn::Vec<D> load(D d, const Bf16* p, [[maybe_unused]] std::size_t count) {
    const hn::Rebind<std::uint16_t, D> half;
    const hn::RebindToUnsigned<D> bits;
    HWY_ALIGN std::uint16_t lanes[hn::MaxLanes(d)] = {};
    if constexpr (!kWhole) std::memcpy(lanes, p, count * sizeof(Bf16));
    const auto x = hn::LoadU(half, kWhole ? reinterpret_cast<const std::uint16_t*>(p) : lanes);
    return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(bits, x)));
  }
  template <class D, class V, class T>
  static HWY_INLINE void store(D d, V v, T* p, [[maybe_unused]] std::size_t count) {
    if constexpr (kWhole)
      hn::StoreU(v, d, p);
    else
      store_tail(d, v, p, count);
  }
};

// body(access, first column, columns) for vectors next to each other that cover the width; the last one may
// be a part of a vector. Each body runs down all rows, so what belongs to a column stays in registers.
template <class T, class Body>
HWY_INLINE void each_column_vector(std::size_t width, Body&& body) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<T>());
  std::size_t j = 0;
  for (; j + lanes <= width; j += lanes) body(Access<true>(), j, lanes);
  if (j < width) body(Access<false>(), j, width - j);
}

// Two sums over rows, each in two halves: the additions of one chain wait for each other.
template <class T>
struct PairOfSums {
  using V = hn::Vec<hn::ScalableTag<T>>;
  V a0, a1, b0, b1;
  HWY_INLINE PairOfSums() : a0(hn::Zero(hn::ScalableTag<T>())), a1(a0), b0(a0), b1(a0) {}
  HWY_INLINE V a() const { return hn::Add(a0, a1); }
  HWY_INLINE V b() const { return hn::Add(b0, b1); }
};

// Of elements E, computed as T.
template <class T, class E>
void column_moments(const void* from, std::size_t rows, std::size_t width, void* to_center, void* to_d,
                    void* to_dd) {
  const hn::ScalableTag<T> d;
  const auto count = hn::Set(d, static_cast<T>(rows));
  each_column_vector<T>(width, [&](auto access, std::size_t j, std::size_t n) {
    const E* x = static_cast<const E*>(from) + j;
    const auto at = [&](std::size_t i) { return access.load(d, x + i * width, n); };
    PairOfSums<T> sums;
    std::size_t i = 0;
    for (; i + 4 <= rows; i += 4) {
      sums.a0 = hn::Add(sums.a0, at(i));
      sums.a1 = hn::Add(sums.a1, at(i + 1));
      sums.b0 = hn::Add(sums.b0, at(i + 2));
      sums.b1 = hn::Add(sums.b1, at(i + 3));
    }
    for (; i < rows; ++i) sums.a0 = hn::Add(sums.a0, at(i));
    const auto center = hn::Div(hn::Add(sums.a(), sums.b()), count);
    PairOfSums<T> moments;
    for (i = 0; i + 2 <= rows; i += 2) {
      const auto v = hn::Sub(at(i), center), w = hn::Sub(at(i + 1), center);
      moments.a0 = hn::Add(moments.a0, v);
      moments.a1 = hn::Add(moments.a1, w);
      moments.b0 = hn::MulAdd(v, v, moments.b0);
      moments.b1 = hn::MulAdd(w, w, moments.b1);
    }
    if (i < rows) {
      const auto v = hn::Sub(at(i), center);
      moments.a0 = hn::Add(moments.a0, v);
      moments.b0 = hn::MulAdd(v, v, moments.b0);
    }
    access.store(d, center, static_cast<T*>(to_center) + j, n);
    access.store(d, moments.a(), static_cast<T*>(to_d) + j, n);
    access.store(d, moments.b(), static_cast<T*>(to_dd) + j, n);
  });
}

template <class T>
void column_products(const void* from_x, const void* from_dy, std::size_t rows, std::size_t width,
                     const void* from_center, void* to_dy, void* to_dyd) {
  const hn::ScalableTag<T> d;
  each_column_vector<T>(width, [&](auto access, std::size_t j, std::size_t n) {
    const T *x = static_cast<const T*>(from_x) + j, *dy = static_cast<const T*>(from_dy) + j;
    const auto center = access.load(d, static_cast<const T*>(from_center) + j, n);
    PairOfSums<T> sums;
    std::size_t i = 0;
    for (; i + 2 <= rows; i += 2) {
      const auto v = access.load(d, dy + i * width, n), w = access.load(d, dy + (i + 1) * width, n);
      sums.a0 = hn::Add(sums.a0, v);
      sums.a1 = hn::Add(sums.a1, w);
      sums.b0 = hn::MulAdd(v, hn::Sub(access.load(d, x + i * width, n), center), sums.b0);
      sums.b1 = hn::MulAdd(w, hn::Sub(access.load(d, x + (i + 1) * width, n), center), sums.b1);
    }
    if (i < rows) {
      const auto v = access.load(d, dy + i * width, n);
      sums.a0 = hn::Add(sums.a0, v);
      sums.b0 = hn::MulAdd(v, hn::Sub(access.load(d, x + i * width, n), center), sums.b0);
    }
    access.store(d, sums.a(), static_cast<T*>(to_dy) + j, n);
    access.store(d, sums.b(), static_cast<T*>(to_dyd) + j, n);
  });
}

template <class T>
void column_affine(const void* from, std::size_t rows, std::size_t width, const void* from_center,
                   const void* from_factor, const void* from_shift, void* to) {
  const hn::ScalableTag<T> d;
  each_column_vector<T>(width, [&](auto access, std::size_t j, std::size_t n) {
    const T* x = static_cast<const T*>(from) + j;
    T* y = static_cast<T*>(to) + j;
    const auto center = access.load(d, static_cast<const T*>(from_center) + j, n);
    const auto factor = access.load(d, static_cast<const T*>(from_factor) + j, n);
    const auto shift = access.load(d, static_cast<const T*>(from_shift) + j, n);
    for (std::size_t i = 0; i < rows; ++i) {
      const auto v = hn::Sub(access.load(d, x + i * width, n), center);
      access.store(d, hn::MulAdd(v, factor, shift), y + i * width, n);
    }
  });
}

template <class T>
void column_combine(const void* from_x, const void* from_dy, std::size_t rows, std::size_t width,
                    const void* from_center, const void* from_a, const void* from_b, const void* from_c,
                    void* to) {
  const hn::ScalableTag<T> d;
  each_column_vector<T>(width, [&](auto access, std::size_t j, std::size_t n) {
    const T *x = static_cast<const T*>(from_x) + j, *dy = static_cast<const T*>(from_dy) + j;
    T* dx = static_cast<T*>(to) + j;
    const auto center = access.load(d, static_cast<const T*>(from_center) + j, n);
    const auto a = access.load(d, static_cast<const T*>(from_a) + j, n);
    const auto b = access.load(d, static_cast<const T*>(from_b) + j, n);
    const auto c = access.load(d, static_cast<const T*>(from_c) + j, n);
    for (std::size_t i = 0; i < rows; ++i) {
      const auto v = hn::Sub(access.load(d, x + i * width, n), center);
      const auto w = access.load(d, dy + i * width, n);
      access.store(d, hn::Mul(a, hn::MulAdd(b, v, hn::Sub(w, c))), dx + i * width, n);
    }
  });
}

// body(access, first element, elements): vectors along a line, the last one perhaps a part.
template <class T, class Body>
HWY_INLINE void each_line_vector(std::size_t n, Body&& body) {
  each_column_vector<T>(n, body);
}

// The lanes that are there; the others 0, so that they add nothing to a sum.
template <class D, class V, bool kWhole>
HWY_INLINE V only(D d, V v, Access<kWhole>, [[maybe_unused]] std::size_t count) {
  if constexpr (kWhole)
    return v;
  else
    return hn::IfThenElseZero(hn::FirstN(d, count), v);
}

template <class T, class E>
void line_moments(const void* from, std::size_t n, void* to_center, void* to_d, void* to_dd) {
  const hn::ScalableTag<T> d;
  const E* x = static_cast<const E*>(from);
  auto sum = hn::Zero(d), other = sum;
  each_line_vector<T>(n, [&](auto access, std::size_t i, std::size_t count) {
    sum = hn::Add(sum, access.load(d, x + i, count));
    std::swap(sum, other);
  });
  const T center = hn::GetLane(hn::SumOfLanes(d, hn::Add(sum, other))) / static_cast<T>(n);
  const auto v_center = hn::Set(d, center);
  PairOfSums<T> moments;
  each_line_vector<T>(n, [&](auto access, std::size_t i, std::size_t count) {
    const auto v = only(d, hn::Sub(access.load(d, x + i, count), v_center), access, count);
    moments.a0 = hn::Add(moments.a0, v);
    moments.b0 = hn::MulAdd(v, v, moments.b0);
    std::swap(moments.a0, moments.a1);
    std::swap(moments.b0, moments.b1);
  });
  *static_cast<T*>(to_center) = center;
  *static_cast<T*>(to_d) = hn::GetLane(hn::SumOfLanes(d, moments.a()));
  *static_cast<T*>(to_dd) = hn::GetLane(hn::SumOfLanes(d, moments.b()));
}

template <class T>
void line_products(const void* from_x, const void* from_dy, std::size_t n, const void* from_center,
                   void* to_dy, void* to_dyd) {
  const hn::ScalableTag<T> d;
  const T *x = static_cast<const T*>(from_x), *dy = static_cast<const T*>(from_dy);
  const auto center = hn::Set(d, *static_cast<const T*>(from_center));
  PairOfSums<T> sums;
  each_line_vector<T>(n, [&](auto access, std::size_t i, std::size_t count) {
    const auto v = access.load(d, dy + i, count);
    sums.a0 = hn::Add(sums.a0, v);
    sums.b0 = hn::MulAdd(v, hn::Sub(access.load(d, x + i, count), center), sums.b0);
    std::swap(sums.a0, sums.a1);
    std::swap(sums.b0, sums.b1);
  });
  *static_cast<T*>(to_dy) = hn::GetLane(hn::SumOfLanes(d, sums.a()));
  *static_cast<T*>(to_dyd) = hn::GetLane(hn::SumOfLanes(d, sums.b()));
}

template <class T>
void line_affine(const void* from, std::size_t n, const void* from_center, const void* from_factor,
                 const void* from_shift, void* to) {
  const hn::ScalableTag<T> d;
  const T* x = static_cast<const T*>(from);
  T* y = static_cast<T*>(to);
  const auto center = hn::Set(d, *static_cast<const T*>(from_center));
  const auto factor = hn::Set(d, *static_cast<const T*>(from_factor));
  const auto shift = hn::Set(d, *static_cast<const T*>(from_shift));
  each_line_vector<T>(n, [&](auto access, std::size_t i, std::size_t count) {
    const auto v = hn::Sub(access.load(d, x + i, count), center);
    access.store(d, hn::MulAdd(v, factor, shift), y + i, count);
  });
}

template <class T>
void line_combine(const void* from_x, const void* from_dy, std::size_t n, const void* from_center,
                  const void* from_a, const void* from_b, const void* from_c, void* to) {
  const hn::ScalableTag<T> d;
  const T *x = static_cast<const T*>(from_x), *dy = static_cast<const T*>(from_dy);
  T* dx = static_cast<T*>(to);
  const auto center = hn::Set(d, *static_cast<const T*>(from_center));
  const auto a = hn::Set(d, *static_cast<const T*>(from_a)), b = hn::Set(d, *static_cast<const T*>(from_b)),
             c = hn::Set(d, *static_cast<const T*>(from_c));
  each_line_vector<T>(n, [&](auto access, std::size_t i, std::size_t count) {
    const auto v = hn::Sub(access.load(d, x + i, count), center);
    const auto w = access.load(d, dy + i, count);
    access.store(d, hn::Mul(a, hn::MulAdd(b, v, hn::Sub(w, c))), dx + i, count);
  });
}

template <class T>
constexpr NormFunctions kNormFunctions = {column_moments<T, T>, column_products<T>, column_affine<T>,
                                          column_combine<T>,    line_moments<T, T>, line_products<T>,
                                          line_affine<T>,       line_combine<T>};
constexpr NormFunctions kMomentsOfBf16 = {.column_moments = column_moments<float, Bf16>,
                                          .line_moments = line_moments<float, Bf16>};

const NormFunctions* find_norm_functions(DType dtype) {
  if (dtype == DType::f32) return &kNormFunctions<float>;
  if (dtype == DType::bf16) return &kMomentsOfBf16;
#if HWY_HAVE_FLOAT64
  if (dtype == DType::f64) return &kNormFunctions<double>;
#endif
  return nullptr;
}

}  // namespace gradus::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gradus::simd {

HWY_EXPORT(find_norm_functions);

const NormFunctions* find_norm(DType dtype) { return HWY_DYNAMIC_DISPATCH(find_norm_functions)(dtype); }

}  // namespace gradus::simd
#endif
