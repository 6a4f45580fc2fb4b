// Convolutions of one, two and three spatial axes.
#include <algorithm>

#include "io/onnx/convert/families.h"
#include "io/onnx/convert/products.h"
#include "io/onnx/convert/support.h"
#include "io/onnx/convert/windows.h"

namespace gradus::io::onnx {
namespace {

using List = std::vector<std::int64_t>;

// [N, C, L] as an image of one row, and back.
Value as_row(const Value& x) { return reshape(x, {x.shape()[0], x.shape()[1], 1, x.shape()[2]}); }
Value without_row(const Value& x) { return reshape(x, x.shape().without(2)); }

Conv2dOptions options_of(const Window& rows, const Window& columns, std::int64_t groups) {
  return {.stride = {rows.stride, columns.stride},
          .pad_before = {rows.before, columns.before},
          .pad_after = {rows.after, columns.after},
          .dilation = {rows.dilation, columns.dilation},
          .groups = groups};
}

// The slices of [N, C, D, H, W] as images of a batch, [N D, C, H, W], and back.
Value as_batch(const Value& x) {
  const Shape& s = x.shape();
  return reshape(moved(x, 2, 1), {s[0] * s[2], s[1], s[3], s[4]});
}
Value as_volume(const Value& x, std::int64_t depth) {
  const Shape& s = x.shape();
  return moved(reshape(x, {depth == 0 ? 0 : s[0] / depth, depth, s[1], s[2], s[3]}), 1, 2);
}
Value slice_of_weight(const Value& weight, std::int64_t i) {
  return reshape(cut(weight, 2, i, i + 1), weight.shape().without(2));
}

// A sum of convolutions of images, one for each place of the kernel along the depth.
Value of_volume(const Value& x, const Value& weight, const std::vector<Window>& w, std::int64_t groups) {
  const Value all = padded(x, 2, w[0].before, w[0].after);
  const std::int64_t depth = (all.shape()[2] - w[0].reach()) / w[0].stride + 1;
  require(all.shape()[2] >= w[0].reach(), "the kernel {} is larger than x {}.", weight.type().str(),
          x.type().str());
  Value y;
  for (std::int64_t i = 0; i < w[0].size; ++i) {
    const std::int64_t first = i * w[0].dilation;
    const Value part = cut(all, 2, first, first + (depth - 1) * w[0].stride + 1, w[0].stride);
    const Value one = conv2d(as_batch(part), slice_of_weight(weight, i), options_of(w[1], w[2], groups));
    y = y ? y + one : one;
  }
  return as_volume(y, depth);
}

Value with_bias(const Call& call, const Value& y) {
  return call.has(2) ? y + along(call.in(2), 1, y.shape().rank()) : y;
}

List kernel_of(const Call& call, const Shape& weight) {
  require(weight.rank() >= 3, "the weight must have spatial axes, it is {}.", weight.str());
  const List sizes(weight.begin() + 2, weight.end());
  require(call.integers("kernel_shape", sizes) == sizes, "kernel_shape differs from the weight {}.",
          weight.str());
  return sizes;
}

Values conv(const Call& call) { return {with_bias(call, convolution(call, call.in(0), call.in(1)))}; }

// ---- transposed

// Pads of a transposed convolution, which cut its result, and the extents they leave.
struct Transposed {
  std::vector<Window> windows;
  List extents;
};

Transposed transposed_windows(const Call& call, const Shape& x, const List& sizes) {
  const std::size_t axes = sizes.size();
  Transposed t{windows_of(call, x, sizes), {}};
  const List added = each_axis(call, "output_padding", axes, 0);
  const List wanted = call.given("output_shape") ? each_axis(call, "output_shape", axes, 0) : List();
  const std::string mode = call.text("auto_pad", "NOTSET");
  for (std::size_t i = 0; i < axes; ++i) {
    Window& w = t.windows[i];
    const std::int64_t in = x[static_cast<int>(i) + 2];
    const std::int64_t whole = (in - 1) * w.stride + w.reach() + added[i];
    const bool is_same = mode == "SAME_UPPER" || mode == "SAME_LOWER";
    if (wanted.empty() && !is_same) {
      t.extents.push_back(whole - w.before - w.after);
    } else {
      t.extents.push_back(wanted.empty() ? in * w.stride : wanted[i]);
      const std::int64_t excess = std::max<std::int64_t>(0, whole - t.extents[i]);
      w.before = mode == "SAME_UPPER" ? excess / 2 : excess - excess / 2;
      w.after = excess - w.before;
    }
    require(t.extents[i] >= 0, "pads cut off all of axis {}.", i + 2);
  }
  return t;
}

// The kernel's places along the depth put where they belong, and added up.
Value transposed_volume(const Value& x, const Value& weight, const Transposed& t, std::int64_t groups) {
  const Window& w = t.windows[0];
  Conv2dOptions options = options_of(t.windows[1], t.windows[2], groups);
  options.size = {t.extents[1], t.extents[2]};
  const std::int64_t depth = x.shape()[2];
  const std::int64_t whole = std::max((depth - 1) * w.stride + w.reach(), w.before + t.extents[0]);
  Value y;
  for (std::int64_t i = 0; i < w.size; ++i) {
    const Value one = as_volume(conv_transpose2d(as_batch(x), slice_of_weight(weight, i), options), depth);
    const std::int64_t before = i * w.dilation, reach = (depth - 1) * w.stride + 1;
    const Value placed = pad(one, {.before = {0, 0, before, 0, 0},
                                   .after = {0, 0, whole - before - reach, 0, 0},
                                   .between = {0, 0, w.stride - 1, 0, 0}});
    y = y ? y + placed : placed;
  }
  return cut(y, 2, w.before, w.before + t.extents[0]);
}

Values transposed_conv(const Call& call) {
  const Value x = call.in(0), weight = call.in(1);
  const List sizes = kernel_of(call, weight.shape());
  const Transposed t = transposed_windows(call, x.shape(), sizes);
  const std::int64_t groups = call.integer("group", 1);
  require(sizes.size() <= 3, "kernels of {} spatial axes are not supported.", sizes.size());
  if (sizes.size() == 3) return {with_bias(call, transposed_volume(x, weight, t, groups))};
  const bool is_line = sizes.size() == 1;
  Conv2dOptions options =
      is_line ? options_of({}, t.windows[0], groups) : options_of(t.windows[0], t.windows[1], groups);
  options.size = is_line ? List{1, t.extents[0]} : t.extents;
  const Value y = is_line ? without_row(conv_transpose2d(as_row(x), as_row(weight), options))
                          : conv_transpose2d(x, weight, options);
  return {with_bias(call, y)};
}

}  // namespace

Value convolution(const Call& call, const Value& x, const Value& weight) {
  const List sizes = kernel_of(call, weight.shape());
  const std::vector<Window> w = windows_of(call, x.shape(), sizes);
  const std::int64_t groups = call.integer("group", 1);
  require(sizes.size() <= 3, "kernels of {} spatial axes are not supported.", sizes.size());
  if (sizes.size() == 3) return of_volume(x, weight, w, groups);
  if (sizes.size() == 2) return conv2d(x, weight, options_of(w[0], w[1], groups));
  return without_row(conv2d(as_row(x), as_row(weight), options_of({}, w[0], groups)));
}

std::vector<Converter> conv_ops() { return {{"Conv", conv}, {"ConvTranspose", transposed_conv}}; }

}  // namespace gradus::io::onnx
