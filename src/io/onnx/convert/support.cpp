#include "io/onnx/convert/support.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/check.h"

namespace gradus::io::onnx {

Value number(const Value& like, double value) { return scalar(like.graph(), value, like.dtype()); }

Value list(Graph& graph, const std::vector<std::int64_t>& numbers) {
  return constant(graph, Tensor::of<std::int64_t>(Shape{static_cast<std::int64_t>(numbers.size())}, numbers));
}

std::vector<std::int64_t> counted_up(std::size_t count) {
  std::vector<std::int64_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

Value iota(Graph& graph, std::int64_t count) {
  require(count <= std::int64_t{1} << 28, "an axis of {} places is too long to be numbered.", count);
  return list(graph, counted_up(static_cast<std::size_t>(count)));
}

Value floats(const Value& like, const Shape& shape, const std::vector<double>& numbers) {
  return constant(like.graph(), Tensor::of<double>(shape, numbers).cast(like.dtype()));
}

int axis_of(std::int64_t axis, int rank) {
  require(axis >= -rank && axis < rank, "there is no axis {} among {}.", axis, rank);
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

std::vector<std::int64_t> axes_of(std::vector<std::int64_t> axes, int rank) {
  for (std::int64_t& axis : axes) axis = axis_of(axis, rank);
  std::sort(axes.begin(), axes.end());
  require(std::adjacent_find(axes.begin(), axes.end()) == axes.end(), "an axis is given twice.");
  return axes;
}

std::int64_t product(const Shape& shape, int from, int to) {
  return std::accumulate(shape.begin() + from, shape.begin() + to, std::int64_t{1}, std::multiplies<>());
}

Value negated(const Value& x) { return is_float(x.dtype()) ? neg(x) : number(x, 0) - x; }

Value magnitude(const Value& x) {
  if (is_float(x.dtype())) return abs(x);
  return x.dtype() == DType::u8 ? x : maximum(x, negated(x));
}

Value quotient(const Value& a, const Value& b) {
  if (is_float(a.dtype())) return a / b;
  return cast(cast(a, DType::f64) / cast(b, DType::f64), a.dtype());
}

// Beside 1.5 * 2^23 (f32) or 1.5 * 2^52 (f64) a number has no room for a fraction: adding it rounds.
Value to_even(const Value& x) {
  const double edge = x.dtype() == DType::f32 ? 0x1p22 : 0x1p51, room = 3 * edge;
  const Value rounded = (x + number(x, room)) - number(x, room);
  return select(less(abs(x), number(x, edge)), rounded, x);
}

Value floored(const Value& x) {
  const Value nearest = to_even(x);
  return nearest - cast(greater(nearest, x), x.dtype());
}

Value ceiled(const Value& x) { return neg(floored(neg(x))); }

Value truncated(const Value& x) { return sign(x) * floored(abs(x)); }

Value moved(const Value& x, int from, int to) {
  if (from == to) return x;
  std::vector<std::int64_t> order;
  for (int axis = 0; axis < x.shape().rank(); ++axis) {
    if (axis != from) order.push_back(axis);
  }
  order.insert(order.begin() + to, from);
  return transpose(x, order);
}

Value taken(const Value& x, const Value& places, int axis) {
  const Value rows = gather(moved(x, axis, 0), places);
  // The axes of `places` come first: bring them to where the axis was.
  const int many = places.shape().rank();
  std::vector<std::int64_t> order;
  for (int i = 0; i < axis; ++i) order.push_back(many + i);
  for (int i = 0; i < many; ++i) order.push_back(i);
  for (int i = many + axis; i < rows.shape().rank(); ++i) order.push_back(i);
  return axis == 0 ? rows : transpose(rows, order);
}

Value cut(const Value& x, int axis, std::int64_t begin, std::int64_t end, std::int64_t step) {
  SliceOptions options{.begin = std::vector<std::int64_t>(static_cast<std::size_t>(x.shape().rank())),
                       .end = x.shape().list(),
                       .step = std::vector<std::int64_t>(static_cast<std::size_t>(x.shape().rank()), 1)};
  const auto a = static_cast<std::size_t>(axis);
  options.begin[a] = begin;
  options.end[a] = end;
  options.step[a] = step;
  return slice(x, options);
}

Value padded(const Value& x, int axis, std::int64_t before, std::int64_t after, double value) {
  if (before == 0 && after == 0) return x;
  PadOptions options;
  options.before.assign(static_cast<std::size_t>(x.shape().rank()), 0);
  options.after = options.before;
  options.before[static_cast<std::size_t>(axis)] = before;
  options.after[static_cast<std::size_t>(axis)] = after;
  options.value = value;
  return pad(x, options);
}

Value from_start(const Value& places, std::int64_t extent) {
  return select(less(places, number(places, 0)), places + number(places, static_cast<double>(extent)),
                places);
}

Value along(const Value& x, int axis, int rank) {
  std::vector<std::int64_t> extents(static_cast<std::size_t>(rank), 1);
  extents[static_cast<std::size_t>(axis)] = x.shape().size();
  return reshape(x, Shape(extents));
}

// Halves have 11 significant bits: 2^13 + 1 times x, less what that adds to x, leaves them (Veltkamp 1968).
// Below 2^-14 their spacing is 2^-24, which is that of floats beside 0.75.
Value as_half(const Value& x) {
  const Value wide = cast(x, DType::f32);
  const auto f = [&](double value) { return number(wide, value); };
  const Value split = wide * f(8193);
  const Value normal = split - (split - wide);
  const Value small = (wide + f(0.75)) - f(0.75);
  const Value infinite = wide * f(std::numeric_limits<double>::infinity());
  const Value size = abs(wide);
  // Written so that NaN comes through.
  return select(less(size, f(0x1p-14)), small, select(greater_equal(size, f(65520)), infinite, normal));
}

}  // namespace gradus::io::onnx
