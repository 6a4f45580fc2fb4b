// Pooling over windows of any number of spatial axes.
#include <algorithm>
#include <limits>

#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"
#include "io/onnx/convert/windows.h"
#include "tensor/dispatch.h"

namespace gradus::io::onnx {
namespace {

using List = std::vector<std::int64_t>;

// Windows along one spatial axis: how many, and what lies beyond the padding for the last to be whole.
struct Axis {
  Window window;
  std::int64_t extent = 0, count = 0, beyond = 0;

  std::int64_t place(std::int64_t number, std::int64_t tap) const {  // in x; outside of it in the padding
    return number * window.stride + tap * window.dilation - window.before;
  }
};

std::vector<Axis> axes_of_windows(const Call& call, const Shape& x) {
  const List sizes = call.integers("kernel_shape");
  const bool rounds_up = call.integer("ceil_mode", 0) != 0;
  std::vector<Axis> axes;
  for (const Window& w : windows_of(call, x, sizes)) {
    Axis axis{.window = w, .extent = x[static_cast<int>(axes.size()) + 2]};
    const std::int64_t room = axis.extent + w.before + w.after - w.reach();
    require(room >= 0, "a window of {} places is larger than axis {} of x {} with its padding.", w.reach(),
            axes.size() + 2, x.str());
    axis.count = (rounds_up ? room + w.stride - 1 : room) / w.stride + 1;
    axis.beyond = std::max<std::int64_t>(0, (axis.count - 1) * w.stride - room);
    axes.push_back(axis);
  }
  return axes;
}

// Visits the places of a kernel; one number for each axis.
template <class Visit>
void each_tap(const std::vector<Axis>& axes, Visit&& visit) {
  List tap(axes.size());
  for (;;) {
    visit(tap);
    std::size_t i = axes.size();
    while (i > 0 && ++tap[i - 1] == axes[i - 1].window.size) tap[--i] = 0;
    if (i == 0) return;
  }
}

Value surrounded(Value x, const std::vector<Axis>& axes, double value) {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const Window& w = axes[i].window;
    x = padded(x, static_cast<int>(i) + 2, w.before, w.after + axes[i].beyond, value);
  }
  return x;
}

// What every window has at one place of the kernel.
Value at_tap(Value x, const std::vector<Axis>& axes, const List& tap) {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::int64_t first = tap[i] * axes[i].window.dilation;
    x = cut(x, static_cast<int>(i) + 2, first, first + (axes[i].count - 1) * axes[i].window.stride + 1,
            axes[i].window.stride);
  }
  return x;
}

// The fast ops take images of floats, padding smaller than the kernel, and no holes in it.
bool is_plain(const Value& x, const std::vector<Axis>& axes) {
  return is_float(x.dtype()) && axes.size() <= 2 &&
         std::all_of(axes.begin(), axes.end(), [](const Axis& axis) {
           const Window& w = axis.window;
           return w.dilation == 1 && w.before < w.size && w.after + axis.beyond < w.size;
         });
}

Pool2dOptions options_of(const std::vector<Axis>& axes) {
  Pool2dOptions options{.kernel = {1, 1}, .stride = {1, 1}};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t at = i + 2 - axes.size();
    options.kernel[at] = axes[i].window.size;
    options.stride[at] = axes[i].window.stride;
    options.pad_before[at] = axes[i].window.before;
    options.pad_after[at] = axes[i].window.after + axes[i].beyond;
  }
  return options;
}

// Lines [N, C, L] pool as images of one row.
template <class F>
Value on_images(const Value& x, const F& f) {
  const Shape& s = x.shape();
  if (s.rank() == 4) return f(x);
  const Value y = f(reshape(x, {s[0], s[1], 1, s[2]}));
  return reshape(y, y.shape().without(2));
}

double lowest(DType dtype) {
  if (is_float(dtype)) return -std::numeric_limits<double>::infinity();
  return dispatch(
      dtype, [](auto zero) { return static_cast<double>(std::numeric_limits<decltype(zero)>::lowest()); });
}

struct Winners {
  Value y, place;
};

// The first of equal winners; where it stands is counted over all of x, rows or columns first.
Winners winners(const Value& x, const std::vector<Axis>& axes, bool columns_first) {
  Graph& graph = x.graph();
  const int rank = x.shape().rank();
  const Value outside = surrounded(x, axes, lowest(x.dtype()));
  Winners best;
  const std::int64_t image = product(x.shape(), 2, rank);
  const Value images = iota(graph, x.shape()[0] * x.shape()[1]);
  std::vector<std::int64_t> lead(static_cast<std::size_t>(rank), 1);
  lead[0] = x.shape()[0];
  lead[1] = x.shape()[1];
  const Value start = reshape(images * number(images, static_cast<double>(image)), Shape(lead));
  each_tap(axes, [&](const List& tap) {
    Value place = start;
    std::int64_t stride = 1;
    for (std::size_t k = 0; k < axes.size(); ++k) {
      const std::size_t i = columns_first ? k : axes.size() - 1 - k;
      List places;
      for (std::int64_t n = 0; n < axes[i].count; ++n) places.push_back(axes[i].place(n, tap[i]) * stride);
      place = place + along(list(graph, places), static_cast<int>(i) + 2, rank);
      stride *= axes[i].extent;
    }
    const Value here = at_tap(outside, axes, tap);
    if (!best.y) {
      best = {here, broadcast_to(place, here.shape())};
      return;
    }
    best.place = select(greater(here, best.y), place, best.place);
    best.y = maximum(best.y, here);
  });
  return best;
}

Values max_pool(const Call& call) {
  const Value x = call.in(0);
  const std::vector<Axis> axes = axes_of_windows(call, x.shape());
  const bool columns_first = call.integer("storage_order", 0) != 0;
  if (!call.wants(1) && is_plain(x, axes)) {
    return {on_images(x, [&](const Value& images) { return max_pool2d(images, options_of(axes)); })};
  }
  if (call.wants(1)) {
    const auto [y, place] = winners(x, axes, columns_first);
    return {y, place};
  }
  const Value outside = surrounded(x, axes, lowest(x.dtype()));
  Value y;
  each_tap(axes, [&](const List& tap) {
    const Value here = at_tap(outside, axes, tap);
    y = y ? maximum(y, here) : here;
  });
  return {y};
}

// How many places of each window count along an axis: those in x, or with its padding; never those beyond.
Value counts(const Value& like, const Axis& axis, int at, bool with_padding) {
  const Window& w = axis.window;
  std::vector<double> list;
  for (std::int64_t n = 0; n < axis.count; ++n) {
    std::int64_t count = 0;
    for (std::int64_t tap = 0; tap < w.size; ++tap) {
      const std::int64_t place = axis.place(n, tap);
      count += with_padding ? place < axis.extent + w.after : place >= 0 && place < axis.extent;
    }
    list.push_back(static_cast<double>(count));
  }
  return along(floats(like, {axis.count}, list), at, like.shape().rank());
}

Values average_pool(const Call& call) {
  const Value x = call.in(0);
  const std::vector<Axis> axes = axes_of_windows(call, x.shape());
  const bool with_padding = call.integer("count_include_pad", 0) != 0;
  const bool is_whole =
      std::all_of(axes.begin(), axes.end(), [](const Axis& axis) { return axis.beyond == 0; });
  if (is_plain(x, axes) && (is_whole || !with_padding)) {
    Pool2dOptions options = options_of(axes);
    options.count_padding = with_padding;
    return {on_images(x, [&](const Value& images) { return avg_pool2d(images, options); })};
  }
  const Value outside = surrounded(x, axes, 0);
  Value total;
  each_tap(axes, [&](const List& tap) {
    const Value here = at_tap(outside, axes, tap);
    total = total ? total + here : here;
  });
  for (std::size_t i = 0; i < axes.size(); ++i) {
    total = total / counts(x, axes[i], static_cast<int>(i) + 2, with_padding);
  }
  return {total};
}

std::vector<std::int64_t> spatial_axes(const Value& x) {
  require(x.shape().rank() >= 3, "x must have spatial axes, it is {}.", x.type().str());
  std::vector<std::int64_t> axes = counted_up(static_cast<std::size_t>(x.shape().rank()));
  axes.erase(axes.begin(), axes.begin() + 2);
  return axes;
}

Values global_average(const Call& call) { return {mean(call.in(0), {spatial_axes(call.in(0)), true})}; }
Values global_max(const Call& call) { return {max(call.in(0), {spatial_axes(call.in(0)), true})}; }

// The places of a max pooling's winners filled again. They are counted in the smallest array that has them.
Values unpooled(const Call& call) {
  const Value x = call.in(0), places = call.in(1);
  const Shape& s = x.shape();
  const List sizes = call.integers("kernel_shape");
  require(places.shape() == s && s.rank() >= 3, "indices {} must have the shape of x {}.",
          places.type().str(), x.type().str());
  const std::vector<Window> windows = windows_of(call, s, sizes);
  List extents = {s[0], s[1]};
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const Window& w = windows[i];
    extents.push_back((s[static_cast<int>(i) + 2] - 1) * w.stride + w.reach() - w.before - w.after);
  }
  const Shape inner(extents);
  const Value flat = scatter_add(reshape(x, {s.size()}), reshape(cast(places, DType::i64), {s.size()}),
                                 {.rows = inner.size()});
  Value y = reshape(flat, inner);
  if (call.has(2)) {
    const List wanted = call.integers(2);
    require(wanted.size() == extents.size(), "output_shape needs {} extents.", extents.size());
    for (std::size_t i = 0; i < extents.size(); ++i) {
      require(wanted[i] >= extents[i], "output_shape is smaller than {}.", inner.str());
      y = padded(y, static_cast<int>(i), 0, wanted[i] - extents[i]);
    }
  }
  return {y};
}

}  // namespace

std::vector<Converter> pool_ops() {
  return {{"AveragePool", average_pool},
          {"GlobalAveragePool", global_average},
          {"GlobalMaxPool", global_max},
          {"MaxPool", max_pool},
          {"MaxUnpool", unpooled}};
}

}  // namespace gradus::io::onnx
