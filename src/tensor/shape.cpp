#include <algorithm>
#include <limits>

#include "base/check.h"
#include "gradus/tensor.h"

namespace gradus {

std::string_view name(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return "f32";
    case DType::f64:
      return "f64";
    case DType::i32:
      return "i32";
    case DType::i64:
      return "i64";
    case DType::u8:
      return "u8";
    case DType::boolean:
      return "bool";
    case DType::bf16:
      return "bf16";
  }
  return "?";
}

std::size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::f32:
    case DType::i32:
      return 4;
    case DType::f64:
    case DType::i64:
      return 8;
    case DType::bf16:
      return 2;
    case DType::u8:
    case DType::boolean:
      return 1;
  }
  return 0;
}

Shape::Shape(std::initializer_list<std::int64_t> extents)
    : Shape(std::span<const std::int64_t>(extents.begin(), extents.size())) {}

Shape::Shape(std::span<const std::int64_t> extents) {
  require(extents.size() <= kMaxRank, "shape: at most {} axes are supported, got {}.", kMaxRank,
          extents.size());
  constexpr std::int64_t limit = std::numeric_limits<std::int64_t>::max() / 16;  // bytes must fit too
  std::int64_t product = 1;
  for (const std::int64_t extent : extents) {
    require(extent >= 0, "shape: an axis has {} elements; it needs 0 or more.", extent);
    require(extent == 0 || product <= limit / extent, "shape: the number of elements overflows.");
    if (extent != 0) product *= extent;
    extents_[static_cast<std::size_t>(rank_++)] = extent;
  }
}

std::int64_t Shape::size() const {
  std::int64_t product = 1;
  for (const std::int64_t extent : *this) product *= extent;
  return product;
}

int Shape::axis(int axis) const {
  // Not require(): the message would be prepared every time.
  if (axis < -rank_ || axis >= rank_) {
    fail(Fault::model, "shape {}: there is no axis {}; axes are {} to {}.", str(), axis, -rank_, rank_ - 1);
  }
  return axis < 0 ? axis + rank_ : axis;
}

std::int64_t Shape::operator[](int index) const { return extents_[static_cast<std::size_t>(axis(index))]; }

Shape Shape::with(int index, std::int64_t extent) const {
  std::array<std::int64_t, kMaxRank> extents = extents_;
  extents[static_cast<std::size_t>(axis(index))] = extent;
  return Shape(std::span(extents).first(static_cast<std::size_t>(rank_)));
}

Shape Shape::without(int index) const {
  std::array<std::int64_t, kMaxRank> extents = extents_;
  std::copy(extents.begin() + axis(index) + 1, extents.end(), extents.begin() + axis(index));
  return Shape(std::span(extents).first(static_cast<std::size_t>(rank_ - 1)));
}

std::string Shape::str() const {
  std::string text = "[";
  for (int i = 0; i < rank_; ++i)
    text += fmt::format("{}{}", i ? ", " : "", extents_[static_cast<std::size_t>(i)]);
  return text + "]";
}

bool Shape::operator==(const Shape& other) const {
  return std::equal(begin(), end(), other.begin(), other.end());
}

std::string Type::str() const { return fmt::format("{}{}", name(dtype), shape.str()); }

}  // namespace gradus
