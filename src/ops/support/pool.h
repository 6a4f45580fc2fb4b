// What the pooling ops share: shape rules, and the windows of an image in either layout.
#pragma once

#include <algorithm>

#include "gradus/ops.h"
#include "ops/support/rules.h"

namespace gradus {

// The type of the pooled image; refuses options and images that do not fit.
Type pooled(const Pool2dOptions& op, const Type& x);
// The type of the image of op.size whose pooling gives `dy`, for the adjoints.
Type unpooled(const Pool2dOptions& op, const Type& dy);
// Refuses winners that are not one place for each window.
void require_winners(const Type& winners, const Shape& windows);
// The options of a node with the image size filled in, for a gradient rule; and without.
Pool2dOptions with_size(Pool2dOptions op, const Shape& image);
Pool2dOptions without_size(Pool2dOptions op);

// Images under a geometry that pooled() accepts: the shape of a sample's x, and its options.
struct PoolCase {
  Pool2dOptions options;
  Shape image, windows;
};
// Cases of both layouts: overlapping, sparse, one-sided and thin windows, one pixel, no images.
std::vector<PoolCase> pool_cases();
// Those, and the ones with padding again with count_padding = false.
std::vector<PoolCase> average_cases();

// One window: the places of the image it covers, padding cut off.
struct PoolWindow {
  std::int64_t top, left;  // its corner, perhaps in the padding
  std::int64_t row_begin, row_end, column_begin, column_end;
  std::int64_t first, row_step, column_step;  // element (r, c) of the image is first + r row_step + ...
  std::int64_t columns;                       // of the kernel

  // body(element of the image, place in the window) for each place inside the image.
  template <class Body>
  void each(Body&& body) const {
    for (std::int64_t r = row_begin; r < row_end; ++r) {
      for (std::int64_t c = column_begin; c < column_end; ++c)
        body(first + r * row_step + c * column_step, (r - top) * columns + (c - left));
    }
  }
  std::int64_t places() const { return (row_end - row_begin) * (column_end - column_begin); }
  // The element at a place of the window; -1 if it lies in the padding, or there is no such place.
  std::int64_t element(std::int64_t place) const {
    const std::int64_t r = top + place / columns, c = left + place % columns;
    const bool inside = place >= 0 && r >= row_begin && r < row_end && c >= column_begin && c < column_end;
    return inside ? first + r * row_step + c * column_step : -1;
  }
};

// The extents behind a pooling node.
struct PoolGeometry {
  std::int64_t n, c, h, w, out_h, out_w, kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w;
  bool channels_last;

  PoolGeometry(const Pool2dOptions& op, const Shape& image, const Shape& windows);

  // What the sum over a window is divided by.
  std::int64_t counted(const PoolWindow& window, bool count_padding) const {
    return count_padding ? kernel_h * kernel_w : window.places();
  }

  // body(window number, window) in the order of the pooled image's elements.
  template <class Body>
  void each_window(Body&& body) const {
    const std::int64_t outer = channels_last ? n : n * c, inner = channels_last ? c : 1;
    std::int64_t number = 0;
    PoolWindow window{};
    window.columns = kernel_w;
    window.column_step = inner;
    window.row_step = w * inner;
    for (std::int64_t o = 0; o < outer; ++o) {
      for (std::int64_t i = 0; i < out_h; ++i) {
        window.top = i * stride_h - pad_h;
        window.row_begin = std::max<std::int64_t>(0, window.top);
        window.row_end = std::min(h, window.top + kernel_h);
        for (std::int64_t j = 0; j < out_w; ++j) {
          window.left = j * stride_w - pad_w;
          window.column_begin = std::max<std::int64_t>(0, window.left);
          window.column_end = std::min(w, window.left + kernel_w);
          for (std::int64_t k = 0; k < inner; ++k) {
            window.first = o * h * w * inner + k;
            body(static_cast<std::size_t>(number++), window);
          }
        }
      }
    }
  }
};

}  // namespace gradus
