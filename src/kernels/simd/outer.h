// Sums of outer products (Highway): what a weight gradient with few filters is made of.
#pragma once

#include <cstdint>

#include "gradus/tensor.h"

namespace gradus::simd {

// sum[r, c] += over lines and places: a[r] b[c], with a few neighbours `a` and up to `most_columns` b.
struct OuterProducts {
  const float *a, *b;
  std::int64_t a_step, b_step;  // from place to place
  std::int64_t a_line, b_line;  // from line to line
  std::int64_t places, lines;
  float* sum;
  std::int64_t sum_step;  // from row to row
  std::int64_t columns;
};

struct OuterFunctions {
  std::int64_t most_columns;
  void (*add)(const OuterProducts&);
};

// For 4, 8 or 12 rows. Null where vectors are too few or too narrow for it to pay.
const OuterFunctions* find_outer(std::int64_t rows);

}  // namespace gradus::simd
