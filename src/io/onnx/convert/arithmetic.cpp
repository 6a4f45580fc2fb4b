// Arithmetic, comparisons and logic, per element.
#include <algorithm>
#include <limits>

#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {
namespace {

template <Value (*f)(const Value&)>
Values unary(const Call& call) {
  return {f(call.in(0))};
}

// Before opset 7 two shapes broadcast only on request: the second lies along `axis` of the first.
std::pair<Value, Value> operands(const Call& call) {
  const Value a = call.in(0), b = call.in(1);
  call.ignore("consumed_inputs");
  if (call.opset() >= 7) return {a, b};
  if (call.integer("broadcast", 0) == 0 || !call.given("axis")) return {a, b};
  const int axis = axis_of(call.integer("axis"), a.shape().rank());
  std::vector<std::int64_t> extents = b.shape().list();
  require(axis + b.shape().rank() <= a.shape().rank(), "{} does not fit {} from axis {}.", b.type().str(),
          a.type().str(), axis);
  extents.resize(static_cast<std::size_t>(a.shape().rank() - axis), 1);
  return {a, reshape(b, Shape(extents))};
}

template <Value (*f)(const Value&, const Value&)>
Values binary(const Call& call) {
  const auto [a, b] = operands(call);
  return {f(a, b)};
}

// Max, Min, Sum of any number of inputs.
template <Value (*f)(const Value&, const Value&)>
Values many(const Call& call) {
  call.ignore("consumed_inputs");
  Value y = call.in(0);
  for (std::size_t i = 1; i < call.inputs(); ++i) y = f(y, call.in(i));
  return {y};
}

Values average(const Call& call) { return {many<add>(call)[0] * (1.0 / static_cast<double>(call.inputs()))}; }

Value reciprocal(const Value& x) { return 1.0 / x; }

Value signum(const Value& x) {
  if (is_float(x.dtype())) return sign(x);
  const Value zero = number(x, 0);
  return cast(greater(x, zero), x.dtype()) - cast(less(x, zero), x.dtype());
}

// The exponent may be of another type. Of integers: exact up to 2^53.
Values power(const Call& call) {
  const auto [a, b] = operands(call);
  if (is_float(a.dtype())) return {pow(a, cast(b, a.dtype()))};
  const Value y = pow(cast(a, DType::f64), cast(b, DType::f64));
  return {cast(is_float(b.dtype()) ? y : to_even(y), a.dtype())};
}

// fmod: the remainder has the sign of a, otherwise of b.
Values modulo(const Call& call) {
  const Value a = call.in(0), b = call.in(1);
  const bool of_a = call.integer("fmod", 0) != 0;
  require(of_a || !is_float(a.dtype()), "floats have a remainder only with fmod = 1.");
  const Value whole = is_float(a.dtype()) ? truncated(a / b) : quotient(a, b);
  const Value rest = a - whole * b, zero = number(a, 0);
  if (of_a) return {rest};
  const Value turned = logical_and(not_equal(rest, zero), not_equal(less(rest, zero), less(b, zero)));
  return {rest + select(turned, b, zero)};
}

Values shifted(const Call& call) {
  const Value x = call.in(0), by = cast(call.in(1), DType::f64);
  const std::string direction = call.text("direction", "");
  require(direction == "LEFT" || direction == "RIGHT", "direction must be LEFT or RIGHT, it is '{}'.",
          direction);
  const Value factor = to_even(pow(number(by, 2), by));
  if (direction == "LEFT") return {x * cast(factor, x.dtype())};
  return {cast(floored(cast(x, DType::f64) / factor), x.dtype())};
}

Values clipped(const Call& call) {
  Value y = call.in(0);
  call.ignore("consumed_inputs");
  if (call.opset() < 11) {
    constexpr double kLargest = std::numeric_limits<float>::max();
    return {clip(y, {.low = call.real("min", -kLargest), .high = call.real("max", kLargest)})};
  }
  if (call.has(1)) y = maximum(y, call.in(1));
  if (call.has(2)) y = minimum(y, call.in(2));
  return {y};
}

Value is_nan(const Value& x) { return not_equal(x, x); }

Values is_infinite(const Call& call) {
  const Value x = call.in(0);
  const double infinity = std::numeric_limits<double>::infinity();
  const bool up = call.integer("detect_positive", 1) != 0, down = call.integer("detect_negative", 1) != 0;
  const Value positive = equal(x, number(x, infinity)), negative = equal(x, number(x, -infinity));
  if (up && down) return {logical_or(positive, negative)};
  if (up || down) return {up ? positive : negative};
  return {less(x, x)};
}

Value where(const Value& condition, const Value& yes, const Value& no) { return select(condition, yes, no); }
Values choice(const Call& call) { return {where(call.in(0), call.in(1), call.in(2))}; }

}  // namespace

std::vector<Converter> arithmetic_ops() {
  return {{"Abs", unary<magnitude>},
          {"Add", binary<add>},
          {"And", binary<logical_and>},
          {"BitShift", shifted},
          {"Ceil", unary<ceiled>},
          {"Clip", clipped},
          {"Cos", unary<cos>},
          {"Div", binary<quotient>},
          {"Equal", binary<equal>},
          {"Erf", unary<erf>},
          {"Exp", unary<exp>},
          {"Floor", unary<floored>},
          {"Greater", binary<greater>},
          {"GreaterOrEqual", binary<greater_equal>},
          {"IsInf", is_infinite},
          {"IsNaN", unary<is_nan>},
          {"Less", binary<less>},
          {"LessOrEqual", binary<less_equal>},
          {"Log", unary<log>},
          {"Max", many<maximum>},
          {"Mean", average},
          {"Min", many<minimum>},
          {"Mod", modulo},
          {"Mul", binary<mul>},
          {"Neg", unary<negated>},
          {"Not", unary<logical_not>},
          {"Or", binary<logical_or>},
          {"Pow", power},
          {"Reciprocal", unary<reciprocal>},
          {"Round", unary<to_even>},
          {"Sign", unary<signum>},
          {"Sin", unary<sin>},
          {"Sqrt", unary<sqrt>},
          {"Sub", binary<sub>},
          {"Sum", many<add>},
          {"Where", choice},
          {"Xor", binary<not_equal>}};
}

}  // namespace gradus::io::onnx
