#include "kernels/simd/column_copy.h"

#include <cstdint>
#include <cstring>

#include "gradus/ops.h"
#include "ops/defs.h"
#include "ops/support/rules.h"

namespace gradus::simd {

namespace {

std::int64_t elements(const Shape& shape, int from, int to) {
  std::int64_t n = 1;
  for (int axis = from; axis < to; ++axis) n *= shape[axis];
  return n;
}

// Whether the axis is the outermost of the columns.
bool leads_columns(const Shape& shape, int axis, int split) {
  return axis >= split && elements(shape, split, axis) == 1;
}

std::optional<std::vector<ColumnCopy>> of_concat(const FusedBody& body, const FusedBody::Step& step,
                                                 int split) {
  const Shape& y = step.out.shape;
  const int axis = normalized_axis(step.attrs.get<AxisOptions>().axis, y);
  if (!leads_columns(y, axis, split)) return std::nullopt;
  std::vector<ColumnCopy> copies;
  std::int64_t to = 0;
  for (std::size_t i = 0; i < step.in.size(); ++i) {
    const Shape& part = body.type(step.in[i]).shape;
    const std::int64_t width = elements(part, axis, part.rank());
    if (part.size() == y.size()) return std::nullopt;
    if (width > 0) copies.push_back({static_cast<int>(i), width, 0, to, width});
    to += width;
  }
  return copies;
}

std::optional<std::vector<ColumnCopy>> of_slice(const FusedBody& body, const FusedBody::Step& step,
                                                int split) {
  const Shape &x = body.type(step.in[0]).shape, &y = step.out.shape;
  const auto& options = step.attrs.get<SliceOptions>();
  std::optional<int> cut;
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (x[axis] == y[axis]) continue;
    if (cut || options.step[static_cast<std::size_t>(axis)] != 1) return std::nullopt;
    cut = axis;
  }
  if (!cut || !leads_columns(y, *cut, split)) return std::nullopt;
  const std::int64_t inner = elements(x, *cut + 1, x.rank());
  const std::int64_t begin = options.begin[static_cast<std::size_t>(*cut)];
  return std::vector<ColumnCopy>{{0, x[*cut] * inner, begin * inner, 0, y[*cut] * inner}};
}

}  // namespace

bool copies_columns(const OpDef& op) { return &op == &concat_op || &op == &slice_op; }

std::optional<std::vector<ColumnCopy>> column_copies(const FusedBody& body, const FusedBody::Step& step,
                                                     int split) {
  return step.op == &concat_op ? of_concat(body, step, split) : of_slice(body, step, split);
}

// Pieces are short, a few vectors, so that a call of memcpy for each would be most of the time.
void copy_rows(const std::byte* from, std::size_t from_step, std::byte* to, std::size_t to_step,
               std::int64_t rows, std::size_t bytes) {
  constexpr std::size_t kVector = 16, kLong = 256;
  for (std::int64_t row = 0; row < rows; ++row, from += from_step, to += to_step) {
    if (bytes >= kLong) {
      std::memcpy(to, from, bytes);
      continue;
    }
    std::size_t i = 0;
    for (; i + kVector <= bytes; i += kVector) std::memcpy(to + i, from + i, kVector);
    for (; i + 4 <= bytes; i += 4) std::memcpy(to + i, from + i, 4);
    for (; i < bytes; ++i) to[i] = from[i];
  }
}

void prefetch(const std::byte* base, std::size_t offset, std::size_t bytes) {
  constexpr std::size_t kLine = 64;
  const auto first = reinterpret_cast<std::uintptr_t>(base) + offset;
  for (std::size_t i = 0; i < bytes; i += kLine) __builtin_prefetch(reinterpret_cast<const void*>(first + i));
}

}  // namespace gradus::simd
