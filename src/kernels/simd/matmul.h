// Matrix products (Highway): the register tile and the packing around it. matmul.cpp puts them together.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "gradus/tensor.h"

namespace gradus::simd {

// y[m, n] = op(a)[m, k] op(b)[k, n], all dense row-major before the transposition.
struct Product {
  std::int64_t m = 0, k = 0, n = 0;
  bool transpose_a = false, transpose_b = false;
};

// Largest depth of a block: a packed panel of b and the rows of a of a tile then stay in the first cache.
inline constexpr std::int64_t kBlockDepth = 200;

// Depth of the blocks that k is cut into: about equal ones. Of k alone, so that sums have one order.
inline std::int64_t block_depth(std::int64_t k) {
  const std::int64_t blocks = std::max<std::int64_t>(1, (k + kBlockDepth - 1) / kBlockDepth);
  return ((k + blocks - 1) / blocks + 7) / 8 * 8;
}

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

  static LeftSide rows(std::int64_t k, std::int64_t tile) { return {k, 1, tile * k}; }
  static LeftSide packed(std::int64_t k, std::int64_t tile) { return {1, tile, tile * k}; }
};
// Some rows of a panel of y, which has `row_step` elements a row; added to what is there or not.
struct Part {
  std::int64_t rows, columns, row_step;
  bool add;
};

struct MatmulFunctions {
  std::int64_t tile_rows;    // of y
  std::int64_t panel_width;  // columns of y that a tile spans
  // Columns of op(b), as [depth][panel_width]; behind them are numbers without a meaning.
  void (*pack_b)(const Product&, const void* b, Columns columns, Depth depth, void* packed);
  // Row tiles [first, last) of a transposed a, as [tile][k][tile_rows], zeros beyond m.
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
