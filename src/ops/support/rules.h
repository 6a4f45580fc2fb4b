// Shape rules that many ops share. Messages carry no op name: Graph::add puts it in front.
#pragma once

#include <span>

#include "base/check.h"
#include "gradus/op_def.h"

namespace gradus {

void require_float(const Type& type, std::string_view input);
// What products read: f32 and f64, and bf16.
void require_factor(const Type& type, std::string_view input);
// Of a sum of products of such: f32 for bf16.
inline DType product_dtype(DType factor) { return factor == DType::bf16 ? DType::f32 : factor; }
void require_integer(const Type& type, std::string_view input);
void require_same_dtype(const Type& a, const Type& b);

// "[1, -2]", for messages.
std::string list_str(const std::vector<std::int64_t>& list);

// NumPy's rule; Error names both shapes and the axis that does not fit.
Shape broadcast(const Shape& a, const Shape& b);
bool broadcasts_to(const Shape& from, const Shape& to);

// Axes as sorted distinct indices in [0, rank); an empty list means all axes.
std::vector<int> normalized_axes(const std::vector<std::int64_t>& axes, const Shape& shape);
// One axis as an index in [0, rank).
int normalized_axis(std::int64_t axis, const Shape& shape);
Shape reduced(const Shape& shape, const std::vector<int>& axes, bool keep_dims);

// x -> the same type; x must be float.
template <class Options>
Types infer_unary(const Options&, std::span<const Type> in) {
  require_float(in[0], "x");
  return in[0];
}
// a, b -> broadcast shape; any number type.
template <class Options>
Types infer_binary(const Options&, std::span<const Type> in) {
  require_same_dtype(in[0], in[1]);
  require(in[0].dtype != DType::boolean, "a and b are bool; numbers were needed. cast() them first.");
  return Type{in[0].dtype, broadcast(in[0].shape, in[1].shape)};
}
// a, b -> broadcast shape; float.
template <class Options>
Types infer_binary_float(const Options&, std::span<const Type> in) {
  require_float(in[0], "a");
  require_same_dtype(in[0], in[1]);
  return Type{in[0].dtype, broadcast(in[0].shape, in[1].shape)};
}
// a, b -> bool of the broadcast shape.
template <class Options>
Types infer_comparison(const Options&, std::span<const Type> in) {
  require_same_dtype(in[0], in[1]);
  return Type{DType::boolean, broadcast(in[0].shape, in[1].shape)};
}

// True for a constant whose elements all are `number`.
bool is_constant(const Value& value, double number);

}  // namespace gradus
