// From a run-time DType to a C++ type.
#pragma once

#include "base/check.h"
#include "gradus/tensor.h"

namespace gradus {

// Calls f(T{}) with the C++ type of `dtype`.
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
  }
  check_failed("known dtype", __FILE__, __LINE__);
}

// The same for float and double only.
template <class F>
decltype(auto) dispatch_float(DType dtype, F&& f) {
  GRADUS_CHECK(is_float(dtype));
  return dtype == DType::f32 ? f(float{}) : f(double{});
}

}  // namespace gradus
