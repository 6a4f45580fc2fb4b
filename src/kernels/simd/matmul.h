// Matrix products (Highway): the register tile and the packing around it. matmul.cpp puts them together.
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

// Rows of a tile: 6 x 2 vectors of sums, 2 of b and 1 of a fit 16 registers.
inline constexpr std::int64_t kTileRows = 6;
// Depth of a block: a packed panel of b then takes 32 KB or less. Fixed, so that sums have one order.
inline constexpr std::int64_t kBlockDepth = 256;

// A block of the product: depth [from, to).
struct Depth {
  std::int64_t from, to;
};
// Neighbouring columns of op(b) and y, at most panel_width.
struct Columns {
  std::int64_t first, count;
};

struct MatmulFunctions {
  std::int64_t panel_width;  // columns of y that a tile spans
  // Columns of op(b), as [depth][panel_width], zeros behind them.
  void (*pack_b)(const Product&, const void* b, Columns columns, Depth depth, void* packed);
  // Row tiles [first, last) of a transposed a, as [tile][k][kTileRows], zeros beyond m.
  void (*pack_a)(const Product&, const void* a, std::int64_t first, std::int64_t last, void* packed);
  // Rows [begin, end) (whole tiles) of one panel of y from packed b; added to what is there or not. `a` is
  // pack_a's result where transpose_a, else the matrix itself.
  void (*panel)(const Product&, const void* a, const void* packed_b, Columns columns, Depth depth, void* y,
                std::int64_t begin, std::int64_t end, bool add);
  // All of y, without packing; transpose_b must be false.
  void (*direct)(const Product&, const void* a, const void* b, void* y);
};

// Null where the element type has no vector code.
const MatmulFunctions* find_matmul(DType dtype);

}  // namespace gradus::simd
