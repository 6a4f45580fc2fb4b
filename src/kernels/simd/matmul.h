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
// Neighbouring columns of op(b), at most panel_width.
struct Columns {
  std::int64_t first, count;
};
// The left side of a product, as it is or packed: row r of tile t at depth l is element
// t tile_step + r row_step + l depth_step. Counts in elements.
struct LeftSide {
  std::int64_t row_step, depth_step, tile_step;

  static LeftSide rows(std::int64_t k) { return {k, 1, kTileRows * k}; }
  static LeftSide packed(std::int64_t k) { return {1, kTileRows, kTileRows * k}; }
};
// Some rows of a panel of y, which has `row_step` elements a row; added to what is there or not.
struct Part {
  std::int64_t rows, columns, row_step;
  bool add;
};

struct MatmulFunctions {
  std::int64_t panel_width;  // columns of y that a tile spans
  // Columns of op(b), as [depth][panel_width], zeros behind them.
  void (*pack_b)(const Product&, const void* b, Columns columns, Depth depth, void* packed);
  // Row tiles [first, last) of a transposed a, as [tile][k][kTileRows], zeros beyond m.
  void (*pack_a)(const Product&, const void* a, std::int64_t first, std::int64_t last, void* packed);
  // A part of y from the left side at its first row and depth, and `depth` rows of packed b.
  void (*panel)(const LeftSide&, const void* a, const void* packed_b, std::int64_t depth, const Part&,
                void* y);
  // All of y, without packing; transpose_b must be false.
  void (*direct)(const Product&, const void* a, const void* b, void* y);
};

// Null where the element type has no vector code.
const MatmulFunctions* find_matmul(DType dtype);

}  // namespace gradus::simd
