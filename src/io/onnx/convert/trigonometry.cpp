// Trigonometric and hyperbolic functions, from those Gradus has, in forms that lose no digits near 0.
#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {
namespace {

template <Value (*f)(const Value&)>
Values unary(const Call& call) {
  return {f(call.in(0))};
}

Value tangent(const Value& x) { return sin(x) / cos(x); }
Value arc_sine(const Value& x) { return atan(x / sqrt((1.0 - x) * (1.0 + x))); }
Value arc_cosine(const Value& x) { return 2.0 * atan(sqrt((1.0 - x) / (1.0 + x))); }
Value arc_tangent(const Value& x) { return atan(x); }

// With m = 1 - exp(-|x|): exp(|x|) - 1 = m / (1 - m).
Value sinh_of(const Value& x) {
  const Value m = neg(elu(neg(abs(x)), {.alpha = 1}));
  return sign(x) * 0.5 * (m + m / (1.0 - m));
}
Value cosh_of(const Value& x) { return 0.5 * (exp(x) + exp(neg(x))); }

Value area_sine(const Value& x) {
  const Value a = abs(x);
  return sign(x) * log1p(a + square(a) / (1.0 + sqrt(1.0 + square(a))));
}
Value area_cosine(const Value& x) {
  const Value t = x - 1.0;
  return log1p(t + sqrt(t * (t + 2.0)));
}
Value area_tangent(const Value& x) { return 0.5 * (log1p(x) - log1p(neg(x))); }

}  // namespace

std::vector<Converter> trigonometry_ops() {
  return {{"Acos", unary<arc_cosine>}, {"Acosh", unary<area_cosine>}, {"Asin", unary<arc_sine>},
          {"Asinh", unary<area_sine>}, {"Atan", unary<arc_tangent>},  {"Atanh", unary<area_tangent>},
          {"Cosh", unary<cosh_of>},    {"Sinh", unary<sinh_of>},      {"Tan", unary<tangent>}};
}

}  // namespace gradus::io::onnx
