// How a fused body goes over its arrays: as a table of rows and columns, a tile that fits the first cache at
// a time, step after step.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "compiler/fused.h"
#include "kernels/simd/column_copy.h"
#include "kernels/simd/elementwise.h"

namespace gradus::simd {

inline constexpr std::int64_t kTile = 1024;  // elements

// Where an operand of a step is.
struct TileRef {
  enum Place : std::uint8_t { input, output, temporary };
  Place place = temporary;
  int number = 0;
};

// One step of the body, or several in one, or a concatenation or slice of inputs: then only its copies.
struct TileStep {
  Elementwise code;
  std::vector<int> reads;   // values of the body
  std::vector<TileRef> in;  // where they are
  TileRef out;
  int value = 0;  // of the body, that it makes
  std::vector<ColumnCopy> copies = {};
};

// How an input lies over the table; a piece has the table's rows, but columns of its own.
enum class Spread : std::uint8_t { whole, row, column, single, piece };

// The sum over the rows of a value, or over all of it; or of its product with another.
struct TileSum {
  TileRef from;
  std::optional<TileRef> times;
  DType dtype = DType::f32;
  bool all = false;
  int output = 0;  // of the node
};

// Some columns of a value that are a result of their own.
struct TilePart {
  TileRef from;
  std::int64_t begin, count;
  int output;  // of the node
};

struct TilePlan {
  std::int64_t rows = 1, columns = 1;
  std::int64_t tile_rows = 1, tile_columns = 1;  // of the largest tile
  std::vector<Spread> spreads;                   // of the inputs
  std::vector<Type> inputs;
  std::vector<TileStep> steps;
  std::vector<TileSum> sums;
  std::vector<TilePart> parts;
  std::vector<Type> outputs;
  int temporaries = 0;
  // An output that could be the buffer of an input which is read after it was made: the temporary it then
  // goes to, or -1; and that input's number.
  struct Late {
    int output, temporary, input;
  };
  std::vector<Late> late;
};

// None where there is no code for the body.
std::optional<TilePlan> plan_tiles(const FusedBody& body);

}  // namespace gradus::simd
