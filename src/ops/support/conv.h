// What the convolutions share. All three are sums over the same products of x, weight and y: what is summed
// over is what the other two have and the result has not.
#pragma once

#include <array>
#include <utility>

#include "gradus/ops.h"
#include "ops/support/loops.h"

namespace gradus {

// The extents of a convolution from x [N, C, H, W] by weight [O, C / groups, kh, kw] to y [N, O, H', W'].
struct Conv2dSizes {
  // Along rows or columns: y[i] sees x[i stride - pad + k dilation] through place k of the kernel.
  struct Axis {
    std::int64_t x = 0, y = 0, kernel = 0, stride = 1, pad = 0, pad_after = 0, dilation = 1;

    std::int64_t span() const { return (kernel - 1) * dilation + 1; }
    std::int64_t at(std::int64_t i, std::int64_t k) const { return i * stride - pad + k * dilation; }
    // The i from first to before second for which at(i, k) is inside x.
    std::pair<std::int64_t, std::int64_t> inside(std::int64_t k) const;
  };

  std::int64_t n = 0, c = 0, o = 0, groups = 1;
  Axis rows, columns;
  bool channels_last = false;

  std::int64_t group_c() const { return c / groups; }
  std::int64_t group_o() const { return o / groups; }
  Shape x() const { return image(c, rows.x, columns.x); }
  Shape weight() const { return {o, group_c(), rows.kernel, columns.kernel}; }
  Shape y() const { return image(o, rows.y, columns.y); }
  // Multiply-adds, those with zeros of the padding counted too.
  std::int64_t products() const { return y().size() * group_c() * rows.kernel * columns.kernel; }

  // body(element of x, element of weight, element of y) for every product.
  template <class Body>
  void each_product(Body&& body) const;

 private:
  Shape image(std::int64_t channels, std::int64_t height, std::int64_t width) const {
    return channels_last ? Shape{n, height, width, channels} : Shape{n, channels, height, width};
  }
  // Strides of an image along N, C, H, W.
  std::array<std::int64_t, 4> image_strides(const Shape& shape) const {
    const Strides s = dense_strides(shape);
    return channels_last ? std::array{s[0], s[3], s[1], s[2]} : std::array{s[0], s[1], s[2], s[3]};
  }
};

// From the inputs of each op; Error where they do not fit.
Conv2dSizes conv2d_sizes(const Conv2dOptions& op, const Shape& x, const Shape& weight);
Conv2dSizes conv_transpose2d_sizes(const Conv2dOptions& op, const Shape& y, const Shape& weight);
Conv2dSizes conv2d_weight_grad_sizes(const Conv2dOptions& op, const Shape& x, const Shape& dy);

// The same options for another of the three ops, whose `size` is that of rows and columns of `target`.
Conv2dOptions conv2d_options(Conv2dOptions op);
Conv2dOptions conv_transpose2d_options(Conv2dOptions op, const Shape& x);
Conv2dOptions conv2d_weight_grad_options(Conv2dOptions op, const Shape& weight);

// For OpDef::reordered of conv2d and conv_transpose2d: the weight stays as it is.
std::optional<Reordered> reordered_images(const Node& node, std::span<const int> order);

// Geometries the three ops are tried on, each in both layouts.
struct Conv2dCase {
  Conv2dOptions options;  // without a size
  Conv2dSizes sizes;
};
std::vector<Conv2dCase> conv2d_cases();

// ---------------------------------------------------------------------------- implementation

template <class Body>
void Conv2dSizes::each_product(Body&& body) const {
  const auto xs = image_strides(x()), ys = image_strides(y());
  const Strides ws = dense_strides(weight());
  for (std::int64_t image = 0; image < n; ++image) {
    for (std::int64_t filter = 0; filter < o; ++filter) {
      for (std::int64_t channel = 0; channel < group_c(); ++channel) {
        const std::int64_t c_of_x = filter / group_o() * group_c() + channel;
        for (std::int64_t a = 0; a < rows.kernel; ++a) {
          for (std::int64_t b = 0; b < columns.kernel; ++b) {
            const std::int64_t w = filter * ws[0] + channel * ws[1] + a * ws[2] + b;
            const auto [top, bottom] = rows.inside(a);
            const auto [left, right] = columns.inside(b);
            for (std::int64_t i = top; i < bottom; ++i) {
              const std::int64_t x0 = image * xs[0] + c_of_x * xs[1] + rows.at(i, a) * xs[2];
              const std::int64_t y0 = image * ys[0] + filter * ys[1] + i * ys[2];
              for (std::int64_t j = left; j < right; ++j)
                body(static_cast<std::size_t>(x0 + columns.at(j, b) * xs[3]), static_cast<std::size_t>(w),
                     static_cast<std::size_t>(y0 + j * ys[3]));
            }
          }
        }
      }
    }
  }
}

// out[target] = the sum of a product over everything that goes to target, added up in f64; `sum` is called
// with the sums and a product's places.
template <class T, class Sum>
void sum_products(const Conv2dSizes& sizes, std::span<T> out, Sum&& sum) {
  std::vector<double> sums(out.size());
  sizes.each_product([&](std::size_t x, std::size_t w, std::size_t y) { sum(sums, x, w, y); });
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = convert<T>(sums[i]);
}

}  // namespace gradus
