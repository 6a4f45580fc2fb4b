// Concatenations and slices along the columns of a table as copies of pieces of its rows.
#pragma once

#include <optional>
#include <vector>

#include "compiler/fused.h"

namespace gradus::simd {

// In each row: `count` elements from column `from` of an operand, whose rows have `width`, to column `to`.
struct ColumnCopy {
  int operand;  // of the step
  std::int64_t width, from, to, count;
};

// Whether the op may be such copies.
bool copies_columns(const OpDef& op);

// The copies of a step, with the axes before `split` as rows; none where it is something else. No operand
// has as many elements as the result, so neither can be the other's buffer.
std::optional<std::vector<ColumnCopy>> column_copies(const FusedBody& body, const FusedBody::Step& step,
                                                     int split);

// Copies `bytes` of each row; a row is `from_step` and `to_step` bytes after the one before.
void copy_rows(const std::byte* from, std::size_t from_step, std::byte* to, std::size_t to_step,
               std::int64_t rows, std::size_t bytes);

// Asks for `bytes` from base + offset on, which may lie behind the array: the processor's own prefetching
// gets lost among as many arrays as a fused node may read.
void prefetch(const std::byte* base, std::size_t offset, std::size_t bytes);

}  // namespace gradus::simd
