// From a run-time DType to a C++ type.
#pragma once

#include <cmath>
#include <limits>
#include <type_traits>

#include "base/check.h"
#include "gradus/tensor.h"
#include "tensor/bf16.h"

namespace gradus {

// Calls f(T{}) with the C++ type of `dtype`, which is one that ops compute with: not bf16.
template <class F>
decltype(auto) dispatch(DType dtype, F&& f) {
  switch (dtype) {
    case DType::f32:
      return f(float{});
    case DType::f64:
      return f(double{});
    case DType::i32:
      return f(std::int32_t{});
    case DType::i64:
      return f(std::int64_t{});
    case DType::u8:
      return f(std::uint8_t{});
    case DType::boolean:
      return f(bool{});
    case DType::bf16:
      break;
  }
  check_failed("a dtype to compute with", __FILE__, __LINE__);
}

// The same for every element type that can be stored.
template <class F>
decltype(auto) dispatch_stored(DType dtype, F&& f) {
  return dtype == DType::bf16 ? f(Bf16{}) : dispatch(dtype, f);
}

// The same for float and double only.
template <class F>
decltype(auto) dispatch_float(DType dtype, F&& f) {
  GRADUS_CHECK(is_float(dtype));
  return dtype == DType::f32 ? f(float{}) : f(double{});
}

// The type of a sum of products of factors of a type.
template <class Factor>
using Product = std::conditional_t<std::is_same_v<Factor, Bf16>, float, Factor>;

// The same for what products read: float, double and bf16.
template <class F>
decltype(auto) dispatch_factor(DType dtype, F&& f) {
  return dtype == DType::bf16 ? f(Bf16{}) : dispatch_float(dtype, f);
}

// x as another element type. C++ leaves a float outside the range of an integer undefined; here it
// saturates, and NaN gives 0. Integers that do not fit wrap; to bool, everything but 0 is true.
template <class To, class From>
To convert(From x) {
  using Limits = std::numeric_limits<To>;
  if constexpr (std::is_same_v<From, Bf16>) {
    return convert<To>(widen(x));
  } else if constexpr (std::is_same_v<To, Bf16>) {
    return narrow(static_cast<float>(x));
  } else if constexpr (std::is_same_v<To, bool>) {
    return x != From(0);
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    if (std::isnan(x)) return 0;
    if (x <= static_cast<From>(Limits::min())) return Limits::min();
    if (x >= static_cast<From>(Limits::max())) return Limits::max();
    return static_cast<To>(x);
  } else {
    return static_cast<To>(x);
  }
}

}  // namespace gradus
