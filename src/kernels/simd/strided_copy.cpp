#include "kernels/simd/strided_copy.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/parallel.h"
#include "gradus/tensor.h"

namespace gradus::simd {

namespace {

constexpr std::int64_t kTile = 16;  // elements: one line of the first cache
constexpr std::int64_t kParallelBytes = 256 * 1024;
constexpr std::int64_t kGrainBytes = 32 * 1024;

// Elements at the crossings of two axes. Where one axis is contiguous on the one side and the other on the
// other, both stay within few cache lines.
template <class T>
void copy_tile(const std::byte* from, std::byte* to, std::int64_t rows, const CopyAxis& row,
               const CopyAxis& column) {
  for (std::int64_t begin = 0; begin < column.extent; begin += kTile) {
    const std::int64_t end = std::min(column.extent, begin + kTile);
    for (std::int64_t i = 0; i < rows; ++i) {
      const std::byte* source = from + i * row.from;
      std::byte* target = to + i * row.to;
      for (std::int64_t k = begin; k < end; ++k)
        std::memcpy(target + k * column.to, source + k * column.from, sizeof(T));
    }
  }
}

}  // namespace

StridedCopy::StridedCopy(const std::vector<CopyAxis>& axes, std::size_t element_bytes)
    : element_bytes_(element_bytes) {
  const auto element = static_cast<std::int64_t>(element_bytes);
  for (const CopyAxis& axis : axes) {
    if (axis.extent == 1) continue;
    if (!outer_.empty() && outer_.back().from == axis.from * axis.extent &&
        outer_.back().to == axis.to * axis.extent) {
      outer_.back() = {outer_.back().extent * axis.extent, axis.from, axis.to};
    } else {
      outer_.push_back(axis);
    }
  }
  columns_ = {1, element, element};
  if (!outer_.empty()) {
    columns_ = outer_.back();
    outer_.pop_back();
  }
  contiguous_ = columns_.from == element && columns_.to == element;
  const auto partner =
      std::find_if(outer_.begin(), outer_.end(), [&](const CopyAxis& axis) { return axis.from == element; });
  if (!contiguous_ && partner != outer_.end()) {
    rows_ = *partner;
    outer_.erase(partner);
  }
  blocks_ = (rows_.extent + kTile - 1) / kTile;
  pieces_ = blocks_;
  for (const CopyAxis& axis : outer_) pieces_ *= axis.extent;
  if (columns_.extent == 0) pieces_ = 0;
}

void StridedCopy::run(const std::byte* from, std::byte* to, int threads) const {
  const std::int64_t bytes =
      std::min(rows_.extent, kTile) * columns_.extent * static_cast<std::int64_t>(element_bytes_);
  if (pieces_ * bytes < kParallelBytes) threads = 1;
  parallel_for(pieces_, std::max<std::int64_t>(1, kGrainBytes / std::max<std::int64_t>(1, bytes)), threads,
               [&](std::int64_t begin, std::int64_t end) { pieces(from, to, begin, end); });
}

void StridedCopy::pieces(const std::byte* from, std::byte* to, std::int64_t begin, std::int64_t end) const {
  std::array<std::int64_t, Shape::kMaxRank> index{};
  std::int64_t block = begin % blocks_, rest = begin / blocks_;
  Place at{from, to};
  for (std::size_t axis = outer_.size(); axis-- > 0;) {
    index[axis] = rest % outer_[axis].extent;
    rest /= outer_[axis].extent;
    at.from += index[axis] * outer_[axis].from;
    at.to += index[axis] * outer_[axis].to;
  }
  for (std::int64_t i = begin; i < end; ++i) {
    const std::int64_t first = block * kTile;
    piece({at.from + first * rows_.from, at.to + first * rows_.to}, std::min(kTile, rows_.extent - first));
    if (++block < blocks_) continue;
    block = 0;
    for (std::size_t axis = outer_.size(); axis-- > 0;) {
      at.from += outer_[axis].from;
      at.to += outer_[axis].to;
      if (++index[axis] < outer_[axis].extent) break;
      at.from -= outer_[axis].from * outer_[axis].extent;
      at.to -= outer_[axis].to * outer_[axis].extent;
      index[axis] = 0;
    }
  }
}

void StridedCopy::piece(const Place& at, std::int64_t rows) const {
  if (contiguous_) {
    std::memcpy(at.to, at.from, static_cast<std::size_t>(columns_.extent) * element_bytes_);
    return;
  }
  switch (element_bytes_) {
    case 1:
      return copy_tile<std::uint8_t>(at.from, at.to, rows, rows_, columns_);
    case 2:
      return copy_tile<std::uint16_t>(at.from, at.to, rows, rows_, columns_);
    case 4:
      return copy_tile<std::uint32_t>(at.from, at.to, rows, rows_, columns_);
    default:
      return copy_tile<std::uint64_t>(at.from, at.to, rows, rows_, columns_);
  }
}

}  // namespace gradus::simd
