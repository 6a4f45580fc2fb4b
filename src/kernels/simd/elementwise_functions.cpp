#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/elementwise_functions.cpp"
#include <hwy/foreach_target.h>
// Highway's order: foreach_target first.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "kernels/simd/elementwise.h"
#include "kernels/simd/tail-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gradus::simd::HWY_NAMESPACE {

using P = const double*;

// y = f(x): loads, applies, stores.
template <class T, class F>
void map1(const Run& run) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto* x = static_cast<const T*>(run.in[0]);
  auto* y = static_cast<T*>(run.out);
  const F f{};
  std::size_t i = 0;
  for (; i + lanes <= run.n; i += lanes) hn::StoreU(f(d, hn::LoadU(d, x + i), run.parameters), d, y + i);
  if (i == run.n) return;
  const std::size_t count = run.n - i;
  store_tail(d, f(d, load_tail(d, x + i, count), run.parameters), y + i, count);
}

template <class T, class F, bool kScalarA, bool kScalarB>
void map2_run(const Run& run) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto* a = static_cast<const T*>(run.in[0]);
  const auto* b = static_cast<const T*>(run.in[1]);
  auto* y = static_cast<T*>(run.out);
  const F f{};
  const auto first = hn::Set(d, kScalarA ? a[0] : T(0));
  const auto second = hn::Set(d, kScalarB ? b[0] : T(0));
  std::size_t i = 0;
  for (; i + lanes <= run.n; i += lanes) {
    const auto va = kScalarA ? first : hn::LoadU(d, a + (kScalarA ? 0 : i));
    const auto vb = kScalarB ? second : hn::LoadU(d, b + (kScalarB ? 0 : i));
    hn::StoreU(f(d, va, vb), d, y + i);
  }
  if (i == run.n) return;
  const std::size_t count = run.n - i;
  const auto va = kScalarA ? first : load_tail(d, a + (kScalarA ? 0 : i), count);
  const auto vb = kScalarB ? second : load_tail(d, b + (kScalarB ? 0 : i), count);
  store_tail(d, f(d, va, vb), y + i, count);
}

template <class T, class F>
void map2(const Run& run) {
  if (run.scalar[0] && run.scalar[1]) return map2_run<T, F, true, true>(run);
  if (run.scalar[0]) return map2_run<T, F, true, false>(run);
  if (run.scalar[1]) return map2_run<T, F, false, true>(run);
  map2_run<T, F, false, false>(run);
}

struct Add {
  template <class D, class V>
  HWY_INLINE V operator()(D, V a, V b) const {
    return hn::Add(a, b);
  }
};
struct Sub {
  template <class D, class V>
  HWY_INLINE V operator()(D, V a, V b) const {
    return hn::Sub(a, b);
  }
};
struct Mul {
  template <class D, class V>
  HWY_INLINE V operator()(D, V a, V b) const {
    return hn::Mul(a, b);
  }
};
struct Div {
  template <class D, class V>
  HWY_INLINE V operator()(D, V a, V b) const {
    return hn::Div(a, b);
  }
};
// A NaN on either side gives NaN: comparisons with NaN are false, and a + b is NaN.
struct Maximum {
  template <class D, class V>
  HWY_INLINE V operator()(D, V a, V b) const {
    const auto nan = hn::Or(hn::IsNaN(a), hn::IsNaN(b));
    return hn::IfThenElse(nan, hn::Add(a, b), hn::IfThenElse(hn::Gt(a, b), a, b));
  }
};
struct Minimum {
  template <class D, class V>
  HWY_INLINE V operator()(D, V a, V b) const {
    const auto nan = hn::Or(hn::IsNaN(a), hn::IsNaN(b));
    return hn::IfThenElse(nan, hn::Add(a, b), hn::IfThenElse(hn::Lt(a, b), a, b));
  }
};

struct Neg {
  template <class D, class V>
  HWY_INLINE V operator()(D, V x, P) const {
    return hn::Neg(x);
  }
};
// Highway's functions lose NaN and the ends of the range in places; these two keep them.
template <class D, class V>
HWY_INLINE V exact_exp(D d, V x) {
  using T = hn::TFromD<D>;
  const V largest = hn::Set(d, sizeof(T) == 4 ? T(88.72283) : T(709.782712893384));
  const V smallest = hn::Set(d, sizeof(T) == 4 ? T(-103.97) : T(-745.13));
  const V infinity = hn::Set(d, hwy::HighestValue<T>() * T(2));
  const V inside = hn::Min(hn::Max(x, smallest), largest);
  V y = hn::Exp(d, inside);
  if constexpr (sizeof(T) == 8) {  // Highway's own range ends at 706
    const V half = hn::Exp(d, hn::Mul(inside, hn::Set(d, T(0.5))));
    y = hn::IfThenElse(hn::Gt(inside, hn::Set(d, T(700))), hn::Mul(half, half), y);
  }
  y = hn::IfThenElse(hn::Gt(x, largest), infinity, y);
  y = hn::IfThenElse(hn::Lt(x, smallest), hn::Zero(d), y);
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}
template <class D, class V>
HWY_INLINE V exact_log(D d, V x) {
  using T = hn::TFromD<D>;
  const V infinity = hn::Set(d, hwy::HighestValue<T>() * T(2));
  V y = hn::Log(d, x);
  y = hn::IfThenElse(hn::Eq(x, hn::Zero(d)), hn::Neg(infinity), y);
  y = hn::IfThenElse(hn::Eq(x, infinity), x, y);
  const V nan = hn::Sub(infinity, infinity);
  return hn::IfThenElse(hn::Or(hn::IsNaN(x), hn::Lt(x, hn::Zero(d))), nan, y);
}
struct Exp {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x, P) const {
    return exact_exp(d, x);
  }
};
struct Log {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x, P) const {
    return exact_log(d, x);
  }
};
// log(1 + x) by Kahan's correction: u = 1 + x rounded, log(u) x / (u - 1) undoes the rounding.
template <class D, class V>
HWY_INLINE V exact_log1p(D d, V x) {
  const V one = hn::Set(d, 1);
  const V u = hn::Add(one, x);
  const V difference = hn::Sub(u, one);
  const auto tiny = hn::Eq(difference, hn::Zero(d));
  const V y = hn::Mul(exact_log(d, u), hn::Div(x, hn::IfThenElse(tiny, one, difference)));
  const auto whole = hn::Or(hn::Eq(u, hn::Zero(d)), hn::Eq(u, x));  // -1, and numbers that swallow the 1
  return hn::IfThenElse(tiny, x, hn::IfThenElse(whole, exact_log(d, u), y));
}
struct Log1p {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x, P) const {
    return exact_log1p(d, x);
  }
};
struct Sqrt {
  template <class D, class V>
  HWY_INLINE V operator()(D, V x, P) const {
    return hn::Sqrt(x);
  }
};
struct Rsqrt {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x, P) const {
    return hn::Div(hn::Set(d, 1), hn::Sqrt(x));
  }
};
struct Square {
  template <class D, class V>
  HWY_INLINE V operator()(D, V x, P) const {
    return hn::Mul(x, x);
  }
};
struct Abs {
  template <class D, class V>
  HWY_INLINE V operator()(D, V x, P) const {
    return hn::Abs(x);
  }
};
struct Sign {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x, P) const {
    const V zero = hn::Zero(d), one = hn::Set(d, 1);
    const V y = hn::IfThenElse(hn::Gt(x, zero), one, hn::IfThenElse(hn::Lt(x, zero), hn::Neg(one), x));
    return hn::IfThenElse(hn::IsNaN(x), x, y);
  }
};
struct Clip {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x, P p) const {
    using T = hn::TFromD<D>;
    const V low = hn::Set(d, static_cast<T>(p[0])), high = hn::Set(d, static_cast<T>(p[1]));
    return hn::IfThenElse(hn::Lt(x, low), low, hn::IfThenElse(hn::Gt(x, high), high, x));
  }
};
struct Sigmoid {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x, P) const {
    const V one = hn::Set(d, 1);
    const V e = exact_exp(d, hn::Neg(hn::Abs(x)));
    const V y = hn::Div(hn::IfThenElse(hn::Lt(x, hn::Zero(d)), e, one), hn::Add(one, e));
    return hn::IfThenElse(hn::IsNaN(x), x, y);
  }
};
struct Tanh {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x, P) const {
    return hn::IfThenElse(hn::IsNaN(x), x, hn::Tanh(d, x));
  }
};
struct Relu {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x, P) const {
    return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Zero(d), x);
  }
};
struct LeakyRelu {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x, P p) const {
    const V scaled = hn::Mul(x, hn::Set(d, static_cast<hn::TFromD<D>>(p[0])));
    return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), x, scaled);
  }
};
struct Softplus {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x, P p) const {
    const V beta = hn::Set(d, static_cast<hn::TFromD<D>>(p[0]));
    const V tail = exact_log1p(d, exact_exp(d, hn::Neg(hn::Abs(hn::Mul(beta, x)))));
    const V y = hn::Add(hn::Max(x, hn::Zero(d)), hn::Div(tail, beta));
    return hn::IfThenElse(hn::IsNaN(x), x, y);
  }
};

// Comparisons of f32 write bytes.
struct Equal {
  template <class V>
  HWY_INLINE auto operator()(V a, V b) const {
    return hn::Eq(a, b);
  }
};
struct NotEqual {
  template <class V>
  HWY_INLINE auto operator()(V a, V b) const {
    return hn::Not(hn::Eq(a, b));  // Highway's Ne is false for NaN
  }
};
struct Less {
  template <class V>
  HWY_INLINE auto operator()(V a, V b) const {
    return hn::Lt(a, b);
  }
};
struct LessEqual {
  template <class V>
  HWY_INLINE auto operator()(V a, V b) const {
    return hn::Le(a, b);
  }
};
struct Greater {
  template <class V>
  HWY_INLINE auto operator()(V a, V b) const {
    return hn::Gt(a, b);
  }
};
struct GreaterEqual {
  template <class V>
  HWY_INLINE auto operator()(V a, V b) const {
    return hn::Ge(a, b);
  }
};

template <class F>
void compare(const Run& run) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Rebind<std::uint8_t, decltype(d)> du8;
  const std::size_t lanes = hn::Lanes(d);
  const auto* a = static_cast<const float*>(run.in[0]);
  const auto* b = static_cast<const float*>(run.in[1]);
  auto* y = static_cast<std::uint8_t*>(run.out);
  const F f{};
  const auto first = hn::Set(d, a[0]), second = hn::Set(d, b[0]);
  const auto bytes = [&](auto va, auto vb) {
    const auto ones = hn::IfThenElseZero(hn::RebindMask(di, f(va, vb)), hn::Set(di, 1));
    return hn::DemoteTo(du8, ones);
  };
  std::size_t i = 0;
  for (; i + lanes <= run.n; i += lanes) {
    hn::StoreU(
        bytes(run.scalar[0] ? first : hn::LoadU(d, a + i), run.scalar[1] ? second : hn::LoadU(d, b + i)), du8,
        y + i);
  }
  if (i == run.n) return;
  HWY_ALIGN float rest_a[hn::MaxLanes(d)] = {};
  HWY_ALIGN float rest_b[hn::MaxLanes(d)] = {};
  HWY_ALIGN std::uint8_t rest[hn::MaxLanes(d)] = {};
  for (std::size_t j = i; j < run.n; ++j) {
    rest_a[j - i] = a[run.scalar[0] ? 0 : j];
    rest_b[j - i] = b[run.scalar[1] ? 0 : j];
  }
  hn::StoreU(bytes(hn::Load(d, rest_a), hn::Load(d, rest_b)), du8, rest);
  for (std::size_t j = i; j < run.n; ++j) y[j] = rest[j - i];
}

void select(const Run& run) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Rebind<std::uint8_t, decltype(d)> du8;
  const std::size_t lanes = hn::Lanes(d);
  const auto* c = static_cast<const std::uint8_t*>(run.in[0]);
  const auto* a = static_cast<const float*>(run.in[1]);
  const auto* b = static_cast<const float*>(run.in[2]);
  auto* y = static_cast<float*>(run.out);
  const auto first = hn::Set(d, a[0]), second = hn::Set(d, b[0]);
  std::size_t i = 0;
  if (!run.scalar[0]) {
    for (; i + lanes <= run.n; i += lanes) {
      const auto wide = hn::PromoteTo(di, hn::LoadU(du8, c + i));
      const auto mask = hn::RebindMask(d, hn::Ne(wide, hn::Zero(di)));
      const auto va = run.scalar[1] ? first : hn::LoadU(d, a + i);
      const auto vb = run.scalar[2] ? second : hn::LoadU(d, b + i);
      hn::StoreU(hn::IfThenElse(mask, va, vb), d, y + i);
    }
  }
  for (; i < run.n; ++i) {
    y[i] = c[run.scalar[0] ? 0 : i] ? a[run.scalar[1] ? 0 : i] : b[run.scalar[2] ? 0 : i];
  }
}

template <class T>
RunFunction find_typed(Function function) {
  switch (function) {
    case Function::add:
      return map2<T, Add>;
    case Function::sub:
      return map2<T, Sub>;
    case Function::mul:
      return map2<T, Mul>;
    case Function::div:
      return map2<T, Div>;
    case Function::maximum:
      return map2<T, Maximum>;
    case Function::minimum:
      return map2<T, Minimum>;
    case Function::neg:
      return map1<T, Neg>;
    case Function::exp:
      return map1<T, Exp>;
    case Function::log:
      return map1<T, Log>;
    case Function::log1p:
      return map1<T, Log1p>;
    case Function::sqrt:
      return map1<T, Sqrt>;
    case Function::rsqrt:
      return map1<T, Rsqrt>;
    case Function::square:
      return map1<T, Square>;
    case Function::abs:
      return map1<T, Abs>;
    case Function::sign:
      return map1<T, Sign>;
    case Function::clip:
      return map1<T, Clip>;
    case Function::sigmoid:
      return map1<T, Sigmoid>;
    case Function::tanh:
      return map1<T, Tanh>;
    case Function::relu:
      return map1<T, Relu>;
    case Function::leaky_relu:
      return map1<T, LeakyRelu>;
    case Function::softplus:
      return map1<T, Softplus>;
    default:
      break;
  }
  if constexpr (sizeof(T) == 4) {
    switch (function) {
      case Function::equal:
        return compare<Equal>;
      case Function::not_equal:
        return compare<NotEqual>;
      case Function::less:
        return compare<Less>;
      case Function::less_equal:
        return compare<LessEqual>;
      case Function::greater:
        return compare<Greater>;
      case Function::greater_equal:
        return compare<GreaterEqual>;
      case Function::select:
        return select;
      default:
        break;
    }
  }
  return nullptr;
}

RunFunction find(Function function, DType dtype) {
  if (dtype == DType::f32) return find_typed<float>(function);
#if HWY_HAVE_FLOAT64
  if (dtype == DType::f64) return find_typed<double>(function);
#endif
  return nullptr;
}

}  // namespace gradus::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gradus::simd {

HWY_EXPORT(find);

RunFunction find_function(Function function, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find)(function, dtype);
}

}  // namespace gradus::simd
#endif
