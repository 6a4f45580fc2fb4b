// Reductions over axes, and running sums.
#include <algorithm>

#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {
namespace {

Value smallest(const Value& x, const ReduceOptions& options) {
  if (x.dtype() == DType::u8) return cast(smallest(cast(x, DType::i32), options), DType::u8);
  return negated(max(negated(x), options));
}

Value mean_of(const Value& x, const ReduceOptions& options) {
  if (is_float(x.dtype())) return mean(x, options);
  const Value total = sum(x, options);
  const double count = static_cast<double>(x.shape().size()) / static_cast<double>(total.shape().size());
  return quotient(total, number(total, count));
}

// The product of the halves, until one place is left.
Value product_along(Value x, int axis) {
  while (x.shape()[axis] > 1) {
    const std::int64_t n = x.shape()[axis], half = n / 2;
    const Value folded = cut(x, axis, 0, half) * cut(x, axis, half, 2 * half);
    x = n % 2 == 0 ? folded : concat({folded, cut(x, axis, n - 1, n)}, {.axis = axis});
  }
  require(x.shape()[axis] == 1, "axis {} of x {} is empty.", axis, x.type().str());
  return x;
}

Value product_of(const Value& x, const ReduceOptions& options) {
  Value y = x;
  for (const std::int64_t axis : options.axes) y = product_along(y, static_cast<int>(axis));
  return sum(y, options);  // of one place each
}

Value sum_of_sizes(const Value& x, const ReduceOptions& options) { return sum(magnitude(x), options); }
Value sum_of_squares(const Value& x, const ReduceOptions& options) { return sum(x * x, options); }
Value length(const Value& x, const ReduceOptions& options) { return sqrt(sum_of_squares(x, options)); }
Value log_of_sum(const Value& x, const ReduceOptions& options) { return log(sum(x, options)); }

// The largest is taken out, so that nothing overflows; where it is infinite, nothing is.
Value log_of_sum_of_exp(const Value& x, const ReduceOptions& options) {
  const Value largest = max(x, {options.axes, true});
  const Value out = select(is_finite(largest), largest, number(x, 0));
  const Value y = log(sum(exp(x - out), {options.axes, true})) + out;
  return sum(y, options);  // of one place each
}

template <Value (*f)(const Value&, const ReduceOptions&)>
Values reduced_by(const Call& call) {
  const Value x = call.in(0);
  const bool keeps = call.integer("keepdims", 1) != 0,
             none_means_none = call.integer("noop_with_empty_axes", 0) != 0;
  std::vector<std::int64_t> axes =
      axes_of(call.has(1) ? call.integers(1) : call.integers("axes"), x.shape().rank());
  if (axes.empty() && none_means_none) return {x};
  if (axes.empty()) axes = counted_up(static_cast<std::size_t>(x.shape().rank()));
  if (axes.empty()) return {f(reshape(x, {1}), {{0}, false})};
  return {f(x, {axes, keeps})};
}

// The first of equal winners, or the last.
Values winner(const Call& call, const Value& x) {
  const int axis = axis_of(call.integer("axis", 0), x.shape().rank());
  const bool keeps = call.integer("keepdims", 1) != 0, last = call.integer("select_last_index", 0) != 0;
  Value place;
  if (last) {
    const Value places = along(iota(call.graph(), x.shape()[axis]), axis, x.shape().rank());
    const Value is_winner = equal(x, max(x, {{axis}, true}));
    place = max(select(is_winner, places, number(places, -1)), {{axis}, false});
  } else {
    place = argmax(x, {.axis = axis});
  }
  return {keeps ? reshape(place, x.shape().with(axis, 1)) : place};
}

Values largest_place(const Call& call) { return winner(call, call.in(0)); }

Values smallest_place(const Call& call) {
  const Value x = call.in(0);
  return winner(call, negated(x.dtype() == DType::u8 ? cast(x, DType::i32) : x));
}

// After k rounds each place holds the sum of the last 2^k (Hillis & Steele 1986).
Values running_sum(const Call& call) {
  Value x = call.in(0);
  const std::vector<std::int64_t> given = call.integers(1);
  require(given.size() == 1, "the axis must be one number.");
  const int axis = axis_of(given[0], x.shape().rank());
  const bool backwards = call.integer("reverse", 0) != 0, exclusive = call.integer("exclusive", 0) != 0;
  const std::int64_t n = x.shape()[axis];
  const auto shifted = [&](std::int64_t by) {
    const std::int64_t left = std::max<std::int64_t>(n - by, 0), gap = n - left;
    return backwards ? padded(cut(x, axis, gap, n), axis, 0, gap)
                     : padded(cut(x, axis, 0, left), axis, gap, 0);
  };
  if (exclusive) x = shifted(1);
  for (std::int64_t by = 1; by < n; by *= 2) x = x + shifted(by);
  return {x};
}

}  // namespace

std::vector<Converter> reduce_ops() {
  return {{"ArgMax", largest_place},
          {"ArgMin", smallest_place},
          {"CumSum", running_sum},
          {"ReduceL1", reduced_by<sum_of_sizes>},
          {"ReduceL2", reduced_by<length>},
          {"ReduceLogSum", reduced_by<log_of_sum>},
          {"ReduceLogSumExp", reduced_by<log_of_sum_of_exp>},
          {"ReduceMax", reduced_by<max>},
          {"ReduceMean", reduced_by<mean_of>},
          {"ReduceMin", reduced_by<smallest>},
          {"ReduceProd", reduced_by<product_of>},
          {"ReduceSum", reduced_by<sum>},
          {"ReduceSumSquare", reduced_by<sum_of_squares>}};
}

}  // namespace gradus::io::onnx
