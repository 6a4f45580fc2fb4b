#include "kernels/simd/patches.h"

#include <algorithm>
#include <cstring>

#include "kernels/simd/column_copy.h"

namespace gradus::simd {

Patches::Patches(const Conv2dSizes& s, Kind kind, DType dtype)
    : sizes_(s),
      transposed_(kind == transposed),
      channels_(transposed_ ? s.group_o() : s.group_c()),
      all_channels_(transposed_ ? s.o : s.c),
      from_h_(transposed_ ? s.rows.y : s.rows.x),
      from_w_(transposed_ ? s.columns.y : s.columns.x),
      to_h_(transposed_ ? s.rows.x : s.rows.y),
      to_w_(transposed_ ? s.columns.x : s.columns.y),
      element_(static_cast<std::int64_t>(size_of(dtype))) {
  while (inner_first_ < to_w_ && !together(inner_first_)) ++inner_first_;
  for (inner_last_ = inner_first_; inner_last_ < to_w_ && together(inner_last_);) ++inner_last_;
}

bool Patches::is_image() const {
  const auto trivial = [](const Conv2dSizes::Axis& axis) {
    return axis.kernel == 1 && axis.stride == 1 && axis.pad == 0 && axis.pad_after == 0;
  };
  return sizes_.groups == 1 && trivial(sizes_.rows) && trivial(sizes_.columns);
}

std::int64_t Patches::place(const Conv2dSizes::Axis& axis, std::int64_t i, std::int64_t k) const {
  if (!transposed_) {
    const std::int64_t at = axis.at(i, k);
    return at >= 0 && at < axis.x ? at : -1;
  }
  std::int64_t at = i + axis.pad - (axis.kernel - 1 - k) * axis.dilation;
  if (at < 0) return -1;
  if (axis.stride > 1) {
    if (at % axis.stride != 0) return -1;
    at /= axis.stride;
  }
  return at < axis.y ? at : -1;
}

bool Patches::together(std::int64_t j) const {
  if (channels_ != all_channels_) return false;
  const std::int64_t first = place(sizes_.columns, j, 0);
  for (std::int64_t b = 0; b < sizes_.columns.kernel; ++b)
    if (first < 0 || place(sizes_.columns, j, b) != first + b) return false;
  return true;
}

void Patches::gather_line(const std::byte* image, std::int64_t i, std::int64_t tap, std::int64_t first,
                          std::int64_t last, std::int64_t from, std::int64_t to, std::byte* matrix) const {
  const std::int64_t taps = sizes_.columns.kernel, pixel = all_channels_ * element_;
  const std::int64_t line = place(sizes_.rows, i, tap), step = (to - from) * element_;
  const auto in_row = [&](std::int64_t j) { return matrix + (j - first) * step; };
  // Taps [b, end) of each place in [low, high), whose images lie a stride apart.
  const auto copy = [&](std::int64_t b, std::int64_t end, std::int64_t low, std::int64_t high) {
    const std::int64_t begin = (tap * taps + b) * channels_;
    const std::int64_t k = std::max(from, begin), bytes = std::min(to, (tap * taps + end) * channels_) - k;
    if (bytes <= 0 || low >= high) return;
    const std::int64_t column = line < 0 ? -1 : place(sizes_.columns, low, b);
    const std::size_t size = static_cast<std::size_t>(bytes * element_);
    std::byte* target = in_row(low) + (k - from) * element_;
    if (column < 0) {
      for (std::int64_t j = low; j < high; ++j, target += step) std::memset(target, 0, size);
    } else {
      const std::int64_t apart = transposed_ ? 1 : sizes_.columns.stride;
      copy_rows(image + (line * from_w_ + column) * pixel + (k - begin) * element_,
                static_cast<std::size_t>(apart * pixel), target, static_cast<std::size_t>(step), high - low,
                size);
    }
  };
  if (line < 0) return copy(0, taps, first, last);
  const std::int64_t left = std::clamp(inner_first_, first, last),
                     right = std::clamp(inner_last_, left, last);
  const auto apart = [&](std::int64_t low, std::int64_t high) {
    for (std::int64_t j = low; j < high; ++j)
      for (std::int64_t b = 0; b < taps; ++b) copy(b, b + 1, j, j + 1);
  };
  apart(first, left);
  copy(0, taps, left, right);
  apart(right, last);
}

void Patches::gather(const std::byte* image, std::int64_t group, std::int64_t first, std::int64_t last,
                     std::int64_t from, std::int64_t to, std::byte* matrix) const {
  const std::int64_t size = from_h_ * from_w_ * all_channels_ * element_;
  const std::int64_t tap_row = sizes_.columns.kernel * channels_;
  image += group * channels_ * element_;
  for (std::int64_t r = first; r < last;) {
    const std::int64_t n = r / (to_h_ * to_w_), inside = r % (to_h_ * to_w_);
    const std::int64_t i = inside / to_w_, j = inside % to_w_, end = std::min(to_w_, j + last - r);
    for (std::int64_t tap = from / tap_row; tap * tap_row < to; ++tap)
      gather_line(image + n * size, i, tap, j, end, from, to, matrix);
    matrix += (end - j) * (to - from) * element_;
    r += end - j;
  }
}

}  // namespace gradus::simd
