#include "ops/support/conv.h"

#include <algorithm>
#include <limits>

#include "ops/support/reordered.h"
#include "ops/support/rules.h"

namespace gradus {

namespace {

// Larger numbers make sense nowhere, and products of two fit 64 bits.
constexpr std::int64_t kLargest = std::numeric_limits<std::int32_t>::max();

void require_pair(std::string_view name, const std::vector<std::int64_t>& list, std::int64_t smallest) {
  require(list.size() == 2, "{} {} must be two numbers, for rows and columns.", name, list_str(list));
  require(list[0] >= smallest && list[1] >= smallest && list[0] <= kLargest && list[1] <= kLargest,
          "{} {} must be numbers from {} to {}.", name, list_str(list), smallest, kLargest);
}

void require_options(const Conv2dOptions& op) {
  require_pair("stride", op.stride, 1);
  require_pair("pad_before", op.pad_before, 0);
  require_pair("pad_after", op.pad_after, 0);
  require_pair("dilation", op.dilation, 1);
  require(op.groups >= 1, "groups is {}; 1 or more was needed.", op.groups);
  require(op.layout == Layout::channels_first || op.layout == Layout::channels_last,
          "layout is {}; 0 (channels first) or 1 (channels last) was needed.", static_cast<int>(op.layout));
}

// An image's shape by meaning.
struct Image {
  std::int64_t n, c;
  std::array<std::int64_t, 2> size;

  Image(const Conv2dOptions& op, const Shape& shape, std::string_view name) {
    const bool last = op.layout == Layout::channels_last;
    require(shape.rank() == 4, "{} {} must be {}. reshape() it.", name, shape.str(),
            last ? "[N, H, W, C]" : "[N, C, H, W]");
    n = shape[0];
    c = shape[last ? 3 : 1];
    size = {shape[last ? 1 : 2], shape[last ? 2 : 3]};
  }
};

void require_weight(const Shape& weight) {
  require(weight.rank() == 4, "weight {} must be [O, C / groups, kh, kw]. reshape() it.", weight.str());
  require_pair("the kernel of weight", {weight[2], weight[3]}, 1);
}

void require_groups(std::int64_t groups, std::int64_t channels, std::string_view name, const Shape& shape) {
  require(channels % groups == 0, "{} groups do not divide the {} channels of {} {}.", groups, channels, name,
          shape.str());
}

constexpr std::array kAlong = {"rows", "columns"};

Conv2dSizes::Axis axis(const Conv2dOptions& op, std::size_t i, std::int64_t kernel) {
  Conv2dSizes::Axis a;
  a.kernel = kernel;
  a.stride = op.stride[i];
  a.pad = op.pad_before[i];
  a.pad_after = op.pad_after[i];
  a.dilation = op.dilation[i];
  return a;
}

// With the extent of y that follows from that of x.
Conv2dSizes::Axis axis_of_x(const Conv2dOptions& op, std::size_t i, std::int64_t kernel, std::int64_t extent,
                            const Shape& x) {
  Conv2dSizes::Axis a = axis(op, i, kernel);
  const std::int64_t room = extent + a.pad + a.pad_after;
  require(a.span() <= room,
          "the kernel spans {} {}, x {} has {} with its padding. Pad by {} more, or take a smaller kernel.",
          a.span(), kAlong[i], x.str(), room, a.span() - room);
  a.x = extent;
  a.y = (room - a.span()) / a.stride + 1;
  return a;
}

// With an extent of x that gives y: that of op.size, or the smallest.
Conv2dSizes::Axis axis_of_y(const Conv2dOptions& op, std::size_t i, std::int64_t kernel, std::int64_t extent,
                            const Shape& y) {
  Conv2dSizes::Axis a = axis(op, i, kernel);
  require(extent <= kLargest, "y {} has more than {} {}.", y.str(), kLargest, kAlong[i]);
  const std::int64_t whole = (extent - 1) * a.stride + a.span() - a.pad - a.pad_after;
  const std::int64_t smallest = std::max<std::int64_t>(whole, 0), largest = whole + a.stride - 1;
  require(extent > 0 && largest >= 0,
          "no x has y {} as its convolution along {}: padding leaves nothing of it.", y.str(), kAlong[i]);
  a.x = op.size.empty() ? smallest : op.size[i];
  require(smallest <= a.x && a.x <= largest,
          "size {} asks for {} {}; y {} can only come from {} to {} of them.", list_str(op.size), a.x,
          kAlong[i], y.str(), smallest, largest);
  a.y = extent;
  return a;
}

Conv2dSizes start(const Conv2dOptions& op, std::int64_t n, std::int64_t c, std::int64_t o) {
  Conv2dSizes sizes;
  sizes.n = n;
  sizes.c = c;
  sizes.o = o;
  sizes.groups = op.groups;
  sizes.channels_last = op.layout == Layout::channels_last;
  return sizes;
}

}  // namespace

std::pair<std::int64_t, std::int64_t> Conv2dSizes::Axis::inside(std::int64_t k) const {
  const auto first_at = [&](std::int64_t place) {  // the first i with at(i, k) >= place
    const std::int64_t distance = place - at(0, k);
    return distance <= 0 ? 0 : std::min(y, (distance + stride - 1) / stride);
  };
  return {first_at(0), first_at(x)};
}

Conv2dSizes conv2d_sizes(const Conv2dOptions& op, const Shape& x, const Shape& weight) {
  require_options(op);
  const Image from(op, x, "x");
  require_weight(weight);
  require(op.size.empty(), "size {} must be empty: it follows from x and weight.", list_str(op.size));
  require_groups(op.groups, from.c, "x", x);
  require_groups(op.groups, weight[0], "the result of weight", weight);
  require(
      weight[1] == from.c / op.groups,
      "weight expects {} input channels{}, x has {} (x {}, weight {}). Give weight the shape [{}, {}, {}, "
      "{}].",
      weight[1] * op.groups, op.groups > 1 ? fmt::format(" in {} groups", op.groups) : "", from.c, x.str(),
      weight.str(), weight[0], from.c / op.groups, weight[2], weight[3]);
  Conv2dSizes sizes = start(op, from.n, from.c, weight[0]);
  sizes.rows = axis_of_x(op, 0, weight[2], from.size[0], x);
  sizes.columns = axis_of_x(op, 1, weight[3], from.size[1], x);
  return sizes;
}

Conv2dSizes conv_transpose2d_sizes(const Conv2dOptions& op, const Shape& y, const Shape& weight) {
  require_options(op);
  const Image from(op, y, "y");
  require_weight(weight);
  if (!op.size.empty()) require_pair("size", op.size, 0);
  require(weight[0] == from.c,
          "weight takes {} channels, y has {} (y {}, weight {}). The first axis of weight is that of y's "
          "channels.",
          weight[0], from.c, y.str(), weight.str());
  require_groups(op.groups, from.c, "y", y);
  require(op.groups <= kLargest, "groups is {}; {} or less was needed.", op.groups, kLargest);
  Conv2dSizes sizes = start(op, from.n, weight[1] * op.groups, from.c);
  sizes.rows = axis_of_y(op, 0, weight[2], from.size[0], y);
  sizes.columns = axis_of_y(op, 1, weight[3], from.size[1], y);
  return sizes;
}

Conv2dSizes conv2d_weight_grad_sizes(const Conv2dOptions& op, const Shape& x, const Shape& dy) {
  require_options(op);
  const Image from(op, x, "x"), to(op, dy, "dy");
  require_pair("size", op.size, 1);
  require(from.n == to.n, "x has {} images, dy has {} (x {}, dy {}); they must be equal.", from.n, to.n,
          x.str(), dy.str());
  require_groups(op.groups, from.c, "x", x);
  require_groups(op.groups, to.c, "dy", dy);
  Conv2dSizes sizes = start(op, from.n, from.c, to.c);
  sizes.rows = axis_of_x(op, 0, op.size[0], from.size[0], x);
  sizes.columns = axis_of_x(op, 1, op.size[1], from.size[1], x);
  require(sizes.y() == dy, "dy {} must be {}: what x {} and a kernel of size {} give.", dy.str(),
          sizes.y().str(), x.str(), list_str(op.size));
  return sizes;
}

Conv2dOptions conv2d_options(Conv2dOptions op) {
  op.size.clear();
  return op;
}

Conv2dOptions conv_transpose2d_options(Conv2dOptions op, const Shape& x) {
  const int rows = op.layout == Layout::channels_last ? 1 : 2;
  op.size = {x[rows], x[rows + 1]};
  return op;
}

Conv2dOptions conv2d_weight_grad_options(Conv2dOptions op, const Shape& weight) {
  op.size = {weight[2], weight[3]};
  return op;
}

std::optional<Reordered> reordered_images(const Node& node, std::span<const int> order) {
  auto result = reordered_by_layout<Conv2dOptions>(node, order);
  if (result) result->in[1] = false;
  return result;
}

}  // namespace gradus
