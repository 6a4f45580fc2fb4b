// Gathers, one-hot codes and what picks elements by their values.
#include "io/onnx/convert/index.h"

#include <algorithm>

#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {

// Numbers the elements of x, and gathers them by number.
Value taken_each(const Value& x, const Value& places, int axis) {
  const Shape &from = x.shape(), &to = places.shape();
  require(from.rank() == to.rank(), "indices {} must have the rank of x {}.", places.type().str(),
          x.type().str());
  Value numbers;
  for (int a = 0; a < to.rank(); ++a) {
    require(a == axis || to[a] <= from[a], "indices {} reach beyond axis {} of x {}.", places.type().str(), a,
            x.type().str());
    const double stride = static_cast<double>(product(from, a + 1, from.rank()));
    const Value place = a == axis ? cast(places, DType::i64) : along(iota(x.graph(), to[a]), a, to.rank());
    const Value part = place * number(place, stride);
    numbers = numbers ? numbers + part : part;
  }
  return gather(reshape(x, {from.size()}), numbers);
}

namespace {

Value wide(const Value& places) { return cast(places, DType::i64); }

Values gathered(const Call& call) {
  const Value x = call.in(0);
  const int axis = axis_of(call.integer("axis", 0), x.shape().rank());
  return {taken(x, from_start(wide(call.in(1)), x.shape()[axis]), axis)};
}

Values gathered_each(const Call& call) {
  const Value x = call.in(0);
  const int axis = axis_of(call.integer("axis", 0), x.shape().rank());
  return {taken_each(x, from_start(wide(call.in(1)), x.shape()[axis]), axis)};
}

// The rows that indices [..., k] name in x's axes from `batch` on, counted over all axes before and with
// them.
Value rows_of(const Value& x, const Value& given, int batch) {
  const Shape &from = x.shape(), &to = given.shape();
  require(to.rank() >= 1 && batch >= 0 && batch < to.rank() && to[-1] >= 0 && batch + to[-1] <= from.rank(),
          "indices {} with {} batch axes do not fit x {}.", given.type().str(), batch, x.type().str());
  const int last = to.rank() - 1, many = static_cast<int>(to[-1]), end = batch + many;
  const Shape shape = to.without(last);
  Value rows = broadcast_to(constant(x.graph(), Tensor(DType::i64, Shape{})), shape);
  for (int a = 0; a < batch; ++a) {
    require(to[a] == from[a], "indices {} and x {} differ along batch axis {}.", given.type().str(),
            x.type().str(), a);
    const Value places = iota(x.graph(), to[a]);
    rows = rows + along(places * number(places, static_cast<double>(product(from, a + 1, end))), a, last);
  }
  for (int j = 0; j < many; ++j) {
    const Value place = from_start(reshape(cut(wide(given), last, j, j + 1), shape), from[batch + j]);
    rows = rows + place * number(place, static_cast<double>(product(from, batch + j + 1, end)));
  }
  return rows;
}

// x [first axes multiplied, rest...].
Value as_rows(const Value& x, int first) {
  std::vector<std::int64_t> extents = {product(x.shape(), 0, first)};
  extents.insert(extents.end(), x.shape().begin() + first, x.shape().end());
  return reshape(x, Shape(extents));
}

Values gathered_nd(const Call& call) {
  const Value x = call.in(0), places = call.in(1);
  const int batch = static_cast<int>(std::clamp<std::int64_t>(call.integer("batch_dims", 0), -1, 9));
  const Value rows = rows_of(x, places, batch);
  return {gather(as_rows(x, batch + static_cast<int>(places.shape()[-1])), rows)};
}

Values scattered_nd(const Call& call) {
  const Value x = call.in(0), places = call.in(1), updates = call.in(2);
  const Value rows = rows_of(x, places, 0);
  const Value table = as_rows(x, static_cast<int>(places.shape()[-1]));
  const Shape wanted = gather(table, reshape(rows, {rows.shape().size()})).shape();
  require(updates.shape().size() == wanted.size(), "updates {} do not fit indices {} into x {}.",
          updates.type().str(), places.type().str(), x.type().str());
  const Value y = scattered(call, table, reshape(rows, {rows.shape().size()}), reshape(updates, wanted),
                            call.text("reduction", "none"));
  return {reshape(y, x.shape())};
}

Values scattered_each(const Call& call) {
  const Value x = call.in(0), updates = call.in(2);
  const int axis = axis_of(call.integer("axis", 0), x.shape().rank());
  Value places = from_start(wide(call.in(1)), x.shape()[axis]);
  // The number of each element, picked as the element would be.
  const Value all = reshape(iota(call.graph(), x.shape().size()), x.shape());
  places = taken_each(all, places, axis);
  require(updates.shape() == places.shape(), "updates {} and indices {} must have one shape.",
          updates.type().str(), places.type().str());
  const std::int64_t count = places.shape().size();
  const Value y = scattered(call, reshape(x, {x.shape().size()}), reshape(places, {count}),
                            reshape(updates, {count}), call.text("reduction", "none"));
  return {reshape(y, x.shape())};
}

Values one_hot_of(const Call& call) {
  const Value labels = wide(call.in(0)), values = call.in(2);
  const Tensor depth = call.known(1);
  require(depth.size() == 1 && depth.at(0) >= 1 && depth.at(0) <= 0x1p28 && values.shape() == Shape{2},
          "depth must be one number of 1 or more, and values two: off and on.");
  const auto classes = static_cast<std::int64_t>(depth.at(0));
  const int rank = labels.shape().rank() + 1, axis = axis_of(call.integer("axis", -1), rank);
  std::vector<std::int64_t> extents = labels.shape().list();
  extents.insert(extents.begin() + axis, 1);
  const Value place = reshape(from_start(labels, classes), Shape(extents));
  const Value is_on = equal(place, along(iota(call.graph(), classes), axis, rank));
  return {select(is_on, reshape(cut(values, 0, 1, 2), {}), reshape(cut(values, 0, 0, 1), {}))};
}

// Ranks every element by counting those that come before it; then each rank looks for its element.
Values largest(const Call& call) {
  const Value given = call.in(0);
  const std::vector<std::int64_t> count = call.given("k") ? std::vector{call.integer("k")} : call.integers(1);
  const int rank = given.shape().rank(), axis = axis_of(call.integer("axis", -1), rank);
  const std::int64_t n = given.shape()[axis];
  require(count.size() == 1 && count[0] >= 0 && count[0] <= n,
          "k must be from 0 to {}, the extent of axis {}.", n, axis);
  call.ignore("sorted");  // sorted results are right for both
  const Value x = moved(given, axis, rank - 1);
  const bool wants_largest = call.integer("largest", 1) != 0;
  const std::int64_t rows = product(x.shape(), 0, rank - 1);
  const Value one = reshape(x, {rows, n, 1}), other = reshape(x, {rows, 1, n});
  const Value places = iota(call.graph(), n);
  const Value is_earlier = less(reshape(places, {1, n}), reshape(places, {n, 1}));
  const Value beats = wants_largest ? greater(other, one) : less(other, one);
  const Value is_before = logical_or(beats, logical_and(equal(other, one), is_earlier));
  const Value order = sum(cast(is_before, DType::i64), {{2}, false});
  const Value wanted = reshape(iota(call.graph(), count[0]), {1, count[0], 1});
  Value place = argmax(cast(equal(reshape(order, {rows, 1, n}), wanted), DType::u8), {.axis = 2});
  const Value best = taken_each(reshape(x, {rows, n}), place, 1);
  const Shape shape = x.shape().with(rank - 1, count[0]);
  return {moved(reshape(best, shape), rank - 1, axis), moved(reshape(place, shape), rank - 1, axis)};
}

// The first len of the places along time in reverse order, for each sequence.
Values reversed(const Call& call) {
  const Value given = call.in(0), lengths = wide(call.in(1));
  const std::int64_t time = call.integer("time_axis", 0), batch = call.integer("batch_axis", 1);
  require(given.shape().rank() >= 2 && time + batch == 1 && (time == 0 || time == 1),
          "time and batch must be the axes 0 and 1.");
  const Value x = moved(given, static_cast<int>(time), 0);
  const std::int64_t steps = x.shape()[0], sequences = x.shape()[1];
  const Value t = reshape(iota(call.graph(), steps), {steps, 1});
  const Value place = select(less(t, lengths), lengths - number(t, 1) - t, t);
  const Value rows = place * number(place, static_cast<double>(sequences)) + iota(call.graph(), sequences);
  return {moved(reshape(gather(as_rows(x, 2), rows), x.shape()), 0, static_cast<int>(time))};
}

}  // namespace

std::vector<Converter> index_ops() {
  return {{"Gather", gathered},
          {"GatherElements", gathered_each},
          {"GatherND", gathered_nd},
          {"OneHot", one_hot_of},
          {"ReverseSequence", reversed},
          {"Scatter", scattered_each},
          {"ScatterElements", scattered_each},
          {"ScatterND", scattered_nd},
          {"TopK", largest}};
}

}  // namespace gradus::io::onnx
