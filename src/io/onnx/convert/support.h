// What converters share: integers and floats alike, axes, places along an axis.
#pragma once

#include <cstdint>
#include <vector>

#include "gradus/ops.h"

namespace gradus::io::onnx {

Value number(const Value& like, double value);  // a scalar of the same element type
// The constants 0, 1, ..., count - 1, i64.
Value iota(Graph& graph, std::int64_t count);
std::vector<std::int64_t> counted_up(std::size_t count);             // 0, 1, ...
Value list(Graph& graph, const std::vector<std::int64_t>& numbers);  // a constant [n], i64
Value floats(const Value& like, const Shape& shape, const std::vector<double>& numbers);

// The axis as an index in [0, rank).
int axis_of(std::int64_t axis, int rank);
std::vector<std::int64_t> axes_of(std::vector<std::int64_t> axes, int rank);  // sorted; none twice
std::int64_t product(const Shape& shape, int from, int to);  // of the extents from ... to - 1

// For integers too, which the ops of these names refuse.
Value negated(const Value& x);
Value magnitude(const Value& x);
Value quotient(const Value& a, const Value& b);  // of integers: towards 0, exact below 2^53
// Rounding of floats.
Value to_even(const Value& x);  // to the nearest integer, ties to even
Value floored(const Value& x);
Value ceiled(const Value& x);
Value truncated(const Value& x);

// x with axis `from` moved to place `to`.
Value moved(const Value& x, int from, int to);
// x with another extent: the places along `axis` that `places` names (any shape, integers from 0), which
// stand where the axis was.
Value taken(const Value& x, const Value& places, int axis);
// Places begin to before end along an axis, each step-th.
Value cut(const Value& x, int axis, std::int64_t begin, std::int64_t end, std::int64_t step = 1);
Value padded(const Value& x, int axis, std::int64_t before, std::int64_t after, double value = 0);
// Places counted from the end (negative) counted from the start.
Value from_start(const Value& places, std::int64_t extent);
// [n] with axes of extent 1 around it, so that it broadcasts along `axis` of rank `rank`.
Value along(const Value& x, int axis, int rank);
// f32 numbers rounded to the nearest 16-bit float, ties to even, too large ones to infinity.
Value as_half(const Value& x);

}  // namespace gradus::io::onnx
