// Copies between two arrays of one element size with any steps along each axis: what transposes, slices,
// pads and concatenations are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gradus::simd {

struct CopyAxis {
  std::int64_t extent, from, to;  // steps in bytes
};

class StridedCopy {
 public:
  // Axes from the outermost in; neighbours that run on without a gap are merged.
  StridedCopy(const std::vector<CopyAxis>& axes, std::size_t element_bytes);

  void run(const std::byte* from, std::byte* to, int threads) const;

 private:
  // Along both axes of `tile_`, the elements of one piece; `outer_` counts the pieces.
  struct Place {
    const std::byte* from;
    std::byte* to;
  };
  void pieces(const std::byte* from, std::byte* to, std::int64_t begin, std::int64_t end) const;
  void piece(const Place& at, std::int64_t rows) const;

  std::vector<CopyAxis> outer_;
  CopyAxis rows_{1, 0, 0};     // in blocks of kTile, the innermost count of pieces
  CopyAxis columns_{1, 0, 0};  // whole
  std::size_t element_bytes_;
  std::int64_t blocks_ = 1;  // of rows_
  std::int64_t pieces_ = 1;
  bool contiguous_ = false;  // columns_ are one run of bytes on both sides
};

}  // namespace gradus::simd
