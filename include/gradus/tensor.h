// Host tensors: element type, static shape, and a dense row-major buffer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus {

// bf16 is the upper half of an f32. It is for what products and convolutions read: cast() makes it, they take
// it, and no other op computes with it.
enum class DType : std::uint8_t { f32, f64, i32, i64, u8, boolean, bf16 };

std::string_view name(DType dtype);  // "f32", ..., "bool"
std::size_t size_of(DType dtype);    // bytes per element
// Whether numbers of the type have a point: f32 and f64 (bf16 is for storage), or are whole.
constexpr bool is_float(DType dtype) { return dtype == DType::f32 || dtype == DType::f64; }
constexpr bool is_integer(DType dtype) {
  return dtype == DType::i32 || dtype == DType::i64 || dtype == DType::u8;
}

enum class Bf16 : std::uint16_t {};  // the bits of an element

// For static_assert in a branch that no type may reach.
template <class T>
inline constexpr bool always_false = false;

// The DType of a C++ type.
template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, float>)
    return DType::f32;
  else if constexpr (std::is_same_v<T, double>)
    return DType::f64;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return DType::i32;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return DType::i64;
  else if constexpr (std::is_same_v<T, std::uint8_t>)
    return DType::u8;
  else if constexpr (std::is_same_v<T, bool>)
    return DType::boolean;
  else if constexpr (std::is_same_v<T, Bf16>)
    return DType::bf16;
  else
    static_assert(always_false<T>, "no DType for this type");
}

// Extents of up to 8 axes; rank 0 is a scalar. Extents of 0 are legal; negative ones, and products
// that overflow, are refused with an Error.
class Shape {
 public:
  static constexpr int kMaxRank = 8;

  Shape() = default;
  Shape(std::initializer_list<std::int64_t> extents);
  explicit Shape(std::span<const std::int64_t> extents);

  int rank() const { return rank_; }
  std::int64_t size() const;                        // number of elements
  std::int64_t operator[](int axis) const;          // axis in [-rank, rank); negative counts from the end
  int axis(int axis) const;                         // the same, as an index in [0, rank); Error outside
  Shape with(int axis, std::int64_t extent) const;  // a copy with one extent replaced
  Shape without(int axis) const;                    // a copy with one axis removed
  const std::int64_t* begin() const { return extents_.data(); }
  const std::int64_t* end() const { return extents_.data() + rank_; }
  std::vector<std::int64_t> list() const { return {begin(), end()}; }
  std::string str() const;  // "[3, 20]"
  bool operator==(const Shape& other) const;

 private:
  std::array<std::int64_t, kMaxRank> extents_{};
  int rank_ = 0;
};

// Element type and shape together.
struct Type {
  DType dtype = DType::f32;
  Shape shape;

  std::size_t bytes() const { return size_of(dtype) * static_cast<std::size_t>(shape.size()); }
  std::string str() const;  // "f32[3, 20]"
  bool operator==(const Type&) const = default;
};

// A handle to a dense row-major buffer. Copies share the buffer; clone() copies it. A default-made
// handle holds nothing (defined() is false).
class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(const Type& type);  // zeroed
  Tensor(DType dtype, const Shape& shape) : Tensor(Type{dtype, shape}) {}
  Tensor(const Type& type, std::shared_ptr<std::byte> memory);  // a view of memory someone else made

  template <class T>
  static Tensor of(const Shape& shape, std::span<const T> values);
  template <class T>
  static Tensor of(const Shape& shape, std::initializer_list<T> values) {
    return of<T>(shape, std::span<const T>(values.begin(), values.size()));
  }
  static Tensor scalar(double value, DType dtype = DType::f32);

  bool defined() const { return memory_ != nullptr; }
  const Type& type() const { return type_; }
  DType dtype() const { return type_.dtype; }
  const Shape& shape() const { return type_.shape; }
  std::int64_t size() const { return type_.shape.size(); }
  std::size_t byte_size() const { return type_.bytes(); }
  std::byte* data() const { return memory_.get(); }

  // The elements; Error if T is not the tensor's element type.
  template <class T>
  std::span<T> values() const;
  double at(std::int64_t index) const;               // one element, converted
  void set(std::int64_t index, double value) const;  // one element, converted
  void fill(double value) const;

  Tensor clone() const;
  Tensor cast(DType dtype) const;             // a converted copy
  Tensor reshaped(const Shape& shape) const;  // the same buffer under another shape of equal size
  // Places begin to before end along axis 0, in the same buffer; Error if there are none such.
  Tensor rows(std::int64_t begin, std::int64_t end) const;
  void copy_from(const Tensor& source) const;  // element by element; types must be equal
  bool same_bits(const Tensor& other) const;   // equal type and equal bytes

 private:
  Type type_;
  std::shared_ptr<std::byte> memory_;
  void require_dtype(DType dtype) const;
};

template <class T>
std::span<T> Tensor::values() const {
  require_dtype(dtype_of<std::remove_const_t<T>>());
  return {reinterpret_cast<T*>(memory_.get()), static_cast<std::size_t>(size())};
}

template <class T>
Tensor Tensor::of(const Shape& shape, std::span<const T> values) {
  Tensor tensor(dtype_of<T>(), shape);
  const Tensor source(
      Type{dtype_of<T>(), Shape{static_cast<std::int64_t>(values.size())}},
      std::shared_ptr<std::byte>(std::shared_ptr<void>(),
                                 reinterpret_cast<std::byte*>(const_cast<T*>(values.data()))));
  tensor.copy_from(source.reshaped(shape));
  return tensor;
}

}  // namespace gradus
#pragma GCC visibility pop
