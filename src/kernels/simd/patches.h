// An image as the matrix that turns its convolution into a product: a row for each place of the result, with
// the elements of the image that the kernel sees from there, ordered (row of the kernel, column, channel).
#pragma once

#include <algorithm>
#include <cstddef>

#include "ops/support/conv.h"

namespace gradus::simd {

// Channels last only.
class Patches {
 public:
  enum Kind {
    forward,    // rows for the places of y, taken from x
    transposed  // rows for the places of x, taken from y, under the kernel turned by 180 degrees
  };
  Patches(const Conv2dSizes& sizes, Kind kind, DType dtype);

  std::int64_t rows() const { return sizes_.n * to_h_ * to_w_; }
  std::int64_t depth() const { return sizes_.rows.kernel * sizes_.columns.kernel * channels_; }  // of a group
  // True where the matrix is the image itself.
  bool is_image() const;

  // Columns [from, to) of rows [first, last), dense, from the channels of one group.
  void gather(const std::byte* image, std::int64_t group, std::int64_t first, std::int64_t last,
              std::int64_t from, std::int64_t to, std::byte* matrix) const;

 private:
  // The place in the image that tap k of the kernel sees from place i of the result; -1 outside.
  std::int64_t place(const Conv2dSizes::Axis& axis, std::int64_t i, std::int64_t k) const;
  bool together(std::int64_t j) const;
  // What row `tap` of the kernel sees from places [first, last) of line i: of each row of the matrix, the
  // part that lies in columns [from, to).
  void gather_line(const std::byte* image, std::int64_t i, std::int64_t tap, std::int64_t first,
                   std::int64_t last, std::int64_t from, std::int64_t to, std::byte* matrix) const;

  Conv2dSizes sizes_;
  bool transposed_;
  std::int64_t channels_, all_channels_;  // of a group, and of the image
  std::int64_t from_h_, from_w_, to_h_, to_w_;
  std::int64_t element_;  // bytes
  // Places along a line for which the taps of a kernel's row lie together in the image, within a group.
  std::int64_t inner_first_ = 0, inner_last_ = 0;
};

// Groups so thin that gathering them takes longer than the plain loops.
inline bool thin_groups(const Conv2dSizes& sizes) {
  return sizes.groups > 1 && std::min(sizes.group_c(), sizes.group_o()) < 4;
}

}  // namespace gradus::simd
