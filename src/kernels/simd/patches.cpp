#include "kernels/simd/patches.h"

#include <algorithm>
#include <cstring>

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
      element_(static_cast<std::int64_t>(size_of(dtype))) {}

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

// Taps of one row of the kernel that see neighbours lie together in the image, if all channels are taken.
void Patches::gather_row(const std::byte* image, std::int64_t i, std::int64_t j, std::int64_t from,
                         std::int64_t to, std::byte* row) const {
  const std::int64_t width = sizes_.columns.kernel, pixel = all_channels_ * element_;
  const bool dense = channels_ == all_channels_;
  for (std::int64_t a = from / (width * channels_); a * width * channels_ < to; ++a) {
    const std::int64_t line = place(sizes_.rows, i, a), start = a * width;
    for (std::int64_t b = 0; b < width;) {
      const std::int64_t column = line < 0 ? -1 : place(sizes_.columns, j, b);
      std::int64_t last = b + 1;
      if (line < 0) {
        last = width;
      } else if (dense) {
        while (last < width && column >= 0 && place(sizes_.columns, j, last) == column + last - b) ++last;
      }
      const std::int64_t k = std::max(from, (start + b) * channels_),
                         end = std::min(to, (start + last) * channels_);
      if (k < end) {
        const std::int64_t skipped = k - (start + b) * channels_;
        const auto bytes = static_cast<std::size_t>((end - k) * element_);
        std::byte* target = row + (k - from) * element_;
        if (column < 0)
          std::memset(target, 0, bytes);
        else
          std::memcpy(target, image + (line * from_w_ + column) * pixel + skipped * element_, bytes);
      }
      b = last;
    }
  }
}

void Patches::gather(const std::byte* image, std::int64_t group, std::int64_t first, std::int64_t last,
                     std::int64_t from, std::int64_t to, std::byte* matrix) const {
  const std::int64_t size = from_h_ * from_w_ * all_channels_ * element_;
  image += group * channels_ * element_;
  for (std::int64_t r = first; r < last; ++r, matrix += (to - from) * element_) {
    const std::int64_t n = r / (to_h_ * to_w_), inside = r % (to_h_ * to_w_);
    gather_row(image + n * size, inside / to_w_, inside % to_w_, from, to, matrix);
  }
}

}  // namespace gradus::simd
