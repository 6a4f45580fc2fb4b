// Several elementwise ops in one, rounded as they are.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/pair_functions.cpp"
#include <hwy/foreach_target.h>
// Highway's order: foreach_target first.
#include <hwy/highway.h>

#include "kernels/simd/elementwise.h"
#include "kernels/simd/tail-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gradus::simd::HWY_NAMESPACE {

// This file is compiled without contraction, so a product is rounded before it is added to.
template <Pair kPair, class V>
HWY_INLINE V apply(V a, V b, V c) {
  if constexpr (kPair == Pair::mul_add) return hn::Add(hn::Mul(a, b), c);
  if constexpr (kPair == Pair::mul_sub) return hn::Sub(hn::Mul(a, b), c);
  if constexpr (kPair == Pair::sub_mul) return hn::Sub(c, hn::Mul(a, b));
  if constexpr (kPair == Pair::add_times) return hn::Mul(hn::Add(a, b), c);
  if constexpr (kPair == Pair::sub_times) return hn::Mul(hn::Sub(a, b), c);
  if constexpr (kPair == Pair::select_greater) return hn::IfThenElse(hn::Gt(a, b), c, b);
}

// y = f(a, b, c)
template <class T, Pair kPair>
void map3(const Run& run) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto* a = static_cast<const T*>(run.in[0]);
  const auto* b = static_cast<const T*>(run.in[1]);
  const auto* c = static_cast<const T*>(run.in[2]);
  auto* y = static_cast<T*>(run.out);
  const bool one_a = run.scalar[0], one_b = run.scalar[1], one_c = run.scalar[2];
  const auto first = hn::Set(d, a[0]), second = hn::Set(d, b[0]), third = hn::Set(d, c[0]);
  std::size_t i = 0;
  for (; i + lanes <= run.n; i += lanes) {
    const auto va = one_a ? first : hn::LoadU(d, a + i);
    const auto vb = one_b ? second : hn::LoadU(d, b + i);
    const auto vc = one_c ? third : hn::LoadU(d, c + i);
    hn::StoreU(apply<kPair>(va, vb, vc), d, y + i);
  }
  if (i == run.n) return;
  const std::size_t count = run.n - i;
  const auto va = one_a ? first : load_tail(d, a + i, count);
  const auto vb = one_b ? second : load_tail(d, b + i, count);
  const auto vc = one_c ? third : load_tail(d, c + i, count);
  store_tail(d, apply<kPair>(va, vb, vc), y + i, count);
}

// As the op does it, which keeps NaN.
template <class V>
HWY_INLINE V relu(V x) {
  const auto zero = hn::Zero(hn::DFromV<V>());
  return hn::IfThenElse(hn::Lt(x, zero), zero, x);
}

// The operands by number.
template <Chain kChain, class F>
HWY_INLINE auto apply(const F& operand) {
  if constexpr (kChain == Chain::average) {
    return hn::Add(hn::Mul(operand(0), operand(1)), hn::Mul(operand(2), operand(3)));
  } else if constexpr (kChain == Chain::average_square) {
    const auto c = operand(2);
    return hn::Add(hn::Mul(operand(0), operand(1)), hn::Mul(hn::Mul(c, c), operand(3)));
  } else if constexpr (kChain == Chain::normalize || kChain == Chain::normalize_relu) {
    const auto y = hn::Add(hn::Mul(hn::Sub(operand(0), operand(1)), operand(2)), operand(3));
    if constexpr (kChain == Chain::normalize) return y;
    return relu(y);
  } else if constexpr (kChain == Chain::gate) {
    const auto d = operand(3);
    const auto a = relu(hn::Add(hn::Mul(operand(0), operand(1)), operand(2)));
    return hn::IfThenElse(hn::Gt(a, d), operand(4), d);
  } else {
    const auto scale = hn::Add(hn::Mul(hn::Sqrt(operand(2)), operand(3)), operand(4));
    return hn::Sub(operand(0), hn::Mul(hn::Div(operand(1), scale), operand(5)));
  }
}

template <class T, Chain kChain>
void map_chain(const Run& run) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  using V = hn::Vec<decltype(d)>;
  auto* y = static_cast<T*>(run.out);
  const auto of = [&](std::size_t i) HWY_ATTR { return static_cast<const T*>(run.in[i]); };
  std::size_t i = 0;
  for (; i + lanes <= run.n; i += lanes) {
    const auto whole = [&](std::size_t o) HWY_ATTR -> V {
      if (run.scalar[o]) return hn::Set(d, *of(o));
      return hn::LoadU(d, of(o) + i);
    };
    hn::StoreU(apply<kChain>(whole), d, y + i);
  }
  if (i == run.n) return;
  const std::size_t count = run.n - i;
  const auto part = [&](std::size_t o) HWY_ATTR -> V {
    return run.scalar[o] ? hn::Set(d, *of(o)) : load_tail(d, of(o) + i, count);
  };
  store_tail(d, apply<kChain>(part), y + i, count);
}

template <class T>
RunFunction find_typed(Chain chain) {
  switch (chain) {
    case Chain::average:
      return map_chain<T, Chain::average>;
    case Chain::average_square:
      return map_chain<T, Chain::average_square>;
    case Chain::root_step:
      return map_chain<T, Chain::root_step>;
    case Chain::normalize:
      return map_chain<T, Chain::normalize>;
    case Chain::normalize_relu:
      return map_chain<T, Chain::normalize_relu>;
    case Chain::gate:
      return map_chain<T, Chain::gate>;
  }
  return nullptr;
}

template <class T>
RunFunction find_typed(Pair pair) {
  switch (pair) {
    case Pair::mul_add:
      return map3<T, Pair::mul_add>;
    case Pair::mul_sub:
      return map3<T, Pair::mul_sub>;
    case Pair::sub_mul:
      return map3<T, Pair::sub_mul>;
    case Pair::add_times:
      return map3<T, Pair::add_times>;
    case Pair::sub_times:
      return map3<T, Pair::sub_times>;
    case Pair::select_greater:
      return map3<T, Pair::select_greater>;
  }
  return nullptr;
}

template <class Kind>
RunFunction find_kind(Kind kind, DType dtype) {
  if (dtype == DType::f32) return find_typed<float>(kind);
#if HWY_HAVE_FLOAT64
  if (dtype == DType::f64) return find_typed<double>(kind);
#endif
  return nullptr;
}
RunFunction find(Pair pair, DType dtype) { return find_kind(pair, dtype); }
RunFunction find_long(Chain chain, DType dtype) { return find_kind(chain, dtype); }

}  // namespace gradus::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gradus::simd {

HWY_EXPORT(find);
HWY_EXPORT(find_long);

RunFunction find_pair(Pair pair, DType dtype) { return HWY_DYNAMIC_DISPATCH(find)(pair, dtype); }
RunFunction find_chain(Chain chain, DType dtype) { return HWY_DYNAMIC_DISPATCH(find_long)(chain, dtype); }

}  // namespace gradus::simd
#endif
