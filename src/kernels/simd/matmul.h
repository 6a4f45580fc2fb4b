// Matrix products for sizes where calling a library costs more than the product, and for f64 (Highway).
#pragma once

#include <cstddef>
#include <cstdint>

#include "gradus/tensor.h"

namespace gradus::simd {

// y[m, n] = op(a)[m, k] op(b)[k, n], all dense row-major before the transposition.
struct Product {
  std::int64_t m = 0, k = 0, n = 0;
  bool transpose_a = false, transpose_b = false;
};

struct MatmulFunctions {
  // Elements of scratch that pack() fills.
  std::int64_t (*packed_elements)(const Product&);
  // Puts op(b) into panels as wide as the kernel's registers, padded with zeros.
  void (*pack)(const Product&, const void* b, void* packed);
  // Rows [begin, end) of y from packed panels.
  void (*rows)(const Product&, const void* a, const void* packed, void* y, std::int64_t begin,
               std::int64_t end);
  // The whole of y without packing; transpose_b must be false.
  void (*direct)(const Product&, const void* a, const void* b, void* y);
};

// Null where the element type has no vector code.
const MatmulFunctions* find_matmul(DType dtype);

}  // namespace gradus::simd
