// Quantized numbers: small integers that stand for scale * (number - zero point).
#include <algorithm>

#include "io/onnx/convert/families.h"
#include "io/onnx/convert/products.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {
namespace {

// Scales and zero points are single numbers, or one for each place of an axis.
Value at_axis(const Value& x, int axis, int rank) {
  return x.shape().size() == 1 ? reshape(x, {}) : along(x, axis, rank);
}

// To the nearest, ties to even; beyond the range of uint8, or of int8 (held as i32), the last number.
Value saturated(const Value& x, DType dtype) {
  const bool is_signed = dtype != DType::u8;
  return cast(clip(x, {.low = is_signed ? -128.0 : 0.0, .high = is_signed ? 127.0 : 255.0}), dtype);
}

Value quantized(const Value& x, const Value& scale, const Value& zero) {
  return saturated(to_even(x / scale) + cast(zero, x.dtype()), zero.dtype());
}

int axis_for(const Call& call, const Value& x, const Value& scale) {
  const std::int64_t axis = call.integer("axis", 1);
  return scale.shape().size() == 1 ? 0 : axis_of(axis, x.shape().rank());
}

Values quantize(const Call& call) {
  const Value x = cast(call.in(0), call.in(1).dtype());
  const int axis = axis_for(call, x, call.in(1)), rank = x.shape().rank();
  const Value zero = call.has(2) ? call.in(2) : scalar(call.graph(), 0, DType::u8);
  return {quantized(x, at_axis(call.in(1), axis, rank), at_axis(zero, axis, rank))};
}

Values dequantize(const Call& call) {
  const Value scale = call.in(1), x = call.in(0);
  const int axis = axis_for(call, x, scale), rank = x.shape().rank();
  Value y = cast(x, scale.dtype());
  if (call.has(2)) y = y - at_axis(cast(call.in(2), scale.dtype()), axis, rank);
  return {y * at_axis(scale, axis, rank)};
}

// The range of x, and 0 with it, on 0 to 255.
Values quantize_dynamically(const Call& call) {
  const Value x = call.in(0), zero = number(x, 0);
  const Value low = minimum(neg(max(neg(x))), zero), high = maximum(max(x), zero);
  const Value scale = (high - low) / 255.0;
  const Value place = saturated(to_even(neg(low) / scale), DType::u8);
  return {quantized(x, scale, place), scale, place};
}

// Whole numbers less their zero point, exact in f64.
Value centred(const Call& call, std::size_t at, std::size_t zero_at, int axis) {
  const Value x = cast(call.in(at), DType::f64);
  if (!call.has(zero_at)) return x;
  return x - at_axis(cast(call.in(zero_at), DType::f64), axis, x.shape().rank());
}

Values whole_product(const Call& call) {
  const int rows = std::max(call.in(0).shape().rank() - 2, 0), columns = call.in(1).shape().rank() - 1;
  return {cast(matrix_product(centred(call, 0, 2, rows), centred(call, 1, 3, columns)), DType::i32)};
}

Values whole_convolution(const Call& call) {
  return {cast(convolution(call, centred(call, 0, 2, 1), centred(call, 1, 3, 0)), DType::i32)};
}

// Inputs a, its scale and zero point, the same of b, scale and zero point of y.
Value scale_of(const Call& call, std::size_t at, int axis, int rank) {
  return at_axis(cast(call.in(at), DType::f64), axis, rank);
}

Values quantized_product(const Call& call) {
  const int rows = std::max(call.in(0).shape().rank() - 2, 0), columns = call.in(3).shape().rank() - 1;
  const Value y = matrix_product(centred(call, 0, 2, rows), centred(call, 3, 5, columns));
  const int rank = y.shape().rank();
  const Value factor = scale_of(call, 1, std::max(rank - 2, 0), rank) * scale_of(call, 4, rank - 1, rank) /
                       scale_of(call, 6, rank - 1, rank);
  return {saturated(to_even(y * factor) + cast(at_axis(call.in(7), rank - 1, rank), DType::f64),
                    call.in(7).dtype())};
}

Values quantized_convolution(const Call& call) {
  Value y = convolution(call, centred(call, 0, 2, 1), centred(call, 3, 5, 0));
  const int rank = y.shape().rank();
  if (call.has(8)) y = y + along(cast(call.in(8), DType::f64), 1, rank);
  const Value factor = scale_of(call, 1, 1, rank) * scale_of(call, 4, 1, rank) / scale_of(call, 6, 1, rank);
  return {
      saturated(to_even(y * factor) + cast(at_axis(call.in(7), 1, rank), DType::f64), call.in(7).dtype())};
}

}  // namespace

std::vector<Converter> quantize_ops() {
  return {{"ConvInteger", whole_convolution},
          {"DequantizeLinear", dequantize},
          {"DynamicQuantizeLinear", quantize_dynamically},
          {"MatMulInteger", whole_product},
          {"QLinearConv", quantized_convolution},
          {"QLinearMatMul", quantized_product},
          {"QuantizeLinear", quantize}};
}

}  // namespace gradus::io::onnx
