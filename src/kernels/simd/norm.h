// What normalizations do with their data: moments, products and affine maps of columns and lines (Highway).
#pragma once

#include <cstddef>
#include <cstdint>

#include "gradus/tensor.h"

namespace gradus::simd {

// Pointers are to elements of one float type; x of moments may be bf16 with the rest f32, and only moments
// are there then.
struct NormFunctions {
  // x [rows, width]. For each column: its mean `center`, rounded, and the sums of d and d^2, d = x - center;
  // so the mean is center + sum d / rows, and what was lost to rounding is known.
  void (*column_moments)(const void* x, std::size_t rows, std::size_t width, void* center, void* d,
                         void* dd) = nullptr;
  // Sums over each column: of dy, and of dy (x - center).
  void (*column_products)(const void* x, const void* dy, std::size_t rows, std::size_t width,
                          const void* center, void* s_dy, void* s_dyd) = nullptr;
  // y = (x - center) factor + shift, with one number of each for a column.
  void (*column_affine)(const void* x, std::size_t rows, std::size_t width, const void* center,
                        const void* factor, const void* shift, void* y) = nullptr;
  // dx = a (dy - c + b (x - center)): what cancels is subtracted before it is scaled.
  void (*column_combine)(const void* x, const void* dy, std::size_t rows, std::size_t width,
                         const void* center, const void* a, const void* b, const void* c, void* dx) = nullptr;
  // The same for one line of n elements, with one number of each.
  void (*line_moments)(const void* x, std::size_t n, void* center, void* d, void* dd) = nullptr;
  void (*line_products)(const void* x, const void* dy, std::size_t n, const void* center, void* s_dy,
                        void* s_dyd) = nullptr;
  void (*line_affine)(const void* x, std::size_t n, const void* center, const void* factor, const void* shift,
                      void* y) = nullptr;
  void (*line_combine)(const void* x, const void* dy, std::size_t n, const void* center, const void* a,
                       const void* b, const void* c, void* dx) = nullptr;
};

// Null where the element type has no vector code.
const NormFunctions* find_norm(DType dtype);

}  // namespace gradus::simd
