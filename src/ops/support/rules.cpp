#include "ops/support/rules.h"

#include <algorithm>

#include "graph/sources.h"

namespace gradus {

void require_float(const Type& type, std::string_view input) {
  require(is_float(type.dtype), "{} must be f32 or f64, it is {}. cast() it first.", input, type.str());
}

void require_factor(const Type& type, std::string_view input) {
  if (type.dtype != DType::bf16) require_float(type, input);
}

void require_integer(const Type& type, std::string_view input) {
  require(type.dtype == DType::i32 || type.dtype == DType::i64,
          "{} must be i32 or i64, it is {}. cast() it first.", input, type.str());
}

void require_same_dtype(const Type& a, const Type& b) {
  require(a.dtype == b.dtype, "the inputs differ in element type: {} and {}. cast() one of them.", a.str(),
          b.str());
}

std::string list_str(const std::vector<std::int64_t>& list) {
  std::string text = "[";
  for (const std::int64_t number : list) text += fmt::format("{}{}", text.size() > 1 ? ", " : "", number);
  return text + "]";
}

Shape broadcast(const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  std::vector<std::int64_t> extents(static_cast<std::size_t>(rank));
  for (int i = 1; i <= rank; ++i) {
    const std::int64_t x = i <= a.rank() ? a[-i] : 1, y = i <= b.rank() ? b[-i] : 1;
    require(x == y || x == 1 || y == 1,
            "shapes {} and {} do not broadcast: axis {} has {} and {} elements; they must be equal, or one "
            "of them 1.",
            a.str(), b.str(), -i, x, y);
    extents[static_cast<std::size_t>(rank - i)] = x == 1 ? y : x;
  }
  return Shape(extents);
}

bool broadcasts_to(const Shape& from, const Shape& to) {
  if (from.rank() > to.rank()) return false;
  for (int i = 1; i <= from.rank(); ++i) {
    if (from[-i] != 1 && from[-i] != to[-i]) return false;
  }
  return true;
}

int normalized_axis(std::int64_t axis, const Shape& shape) {
  require(axis >= -shape.rank() && axis < shape.rank(), "there is no axis {} in x {}.", axis, shape.str());
  return static_cast<int>(axis < 0 ? axis + shape.rank() : axis);
}

std::vector<int> normalized_axes(const std::vector<std::int64_t>& axes, const Shape& shape) {
  std::vector<int> result;
  if (axes.empty()) {
    for (int i = 0; i < shape.rank(); ++i) result.push_back(i);
    return result;
  }
  for (const std::int64_t axis : axes) result.push_back(normalized_axis(axis, shape));
  std::sort(result.begin(), result.end());
  require(std::adjacent_find(result.begin(), result.end()) == result.end(),
          "an axis is given twice for x {}.", shape.str());
  return result;
}

Shape reduced(const Shape& shape, const std::vector<int>& axes, bool keep_dims) {
  std::vector<std::int64_t> extents;
  for (int i = 0; i < shape.rank(); ++i) {
    const bool gone = std::find(axes.begin(), axes.end(), i) != axes.end();
    if (!gone)
      extents.push_back(shape[i]);
    else if (keep_dims)
      extents.push_back(1);
  }
  return Shape(extents);
}

bool is_constant(const Value& value, double number) {
  if (value.node().op->kind != OpDef::constant) return false;
  const Tensor& tensor = value.node().attr<ConstantOptions>().value;
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    if (tensor.at(i) != number) return false;
  }
  return true;
}

}  // namespace gradus
