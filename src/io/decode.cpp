#include "io/decode.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "base/check.h"

namespace gradus::io {
namespace {

// IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. Every value is a float.
float from_half(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 31u;
  const std::uint32_t fraction = half & 0x3ffu;
  if (exponent == 0) {
    const float magnitude = std::ldexp(static_cast<float>(fraction), -24);
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 255u : exponent + 127 - 15;
  return std::bit_cast<float>(sign | (wide << 23) | (fraction << 13));
}

// bfloat16 is the upper half of a float.
float from_bfloat(std::uint16_t half) { return std::bit_cast<float>(static_cast<std::uint32_t>(half) << 16); }

// One pass over the elements: each From in the file becomes convert(From, index) in the tensor.
template <class From, class To, class Convert>
Tensor convert_each(const Shape& shape, std::span<const std::byte> bytes, Convert convert) {
  Tensor tensor(dtype_of<To>(), shape);
  const auto target = tensor.values<To>();
  for (std::size_t i = 0; i < target.size(); ++i) {
    From element;
    std::memcpy(&element, bytes.data() + i * sizeof(From), sizeof(From));
    target[i] = convert(element, i);
  }
  return tensor;
}

template <class From, class To>
Tensor widened(const Shape& shape, std::span<const std::byte> bytes) {
  return convert_each<From, To>(shape, bytes, [](From x, std::size_t) { return static_cast<To>(x); });
}

template <class T>
Tensor copied(const Shape& shape, std::span<const std::byte> bytes) {
  Tensor tensor(dtype_of<T>(), shape);
  if (!bytes.empty()) std::memcpy(tensor.data(), bytes.data(), bytes.size());
  return tensor;
}

}  // namespace

std::size_t size_of(Stored stored) {
  switch (stored) {
    case Stored::boolean:
    case Stored::u8:
    case Stored::i8:
      return 1;
    case Stored::u16:
    case Stored::i16:
    case Stored::f16:
    case Stored::bf16:
      return 2;
    case Stored::u32:
    case Stored::i32:
    case Stored::f32:
      return 4;
    case Stored::u64:
    case Stored::i64:
    case Stored::f64:
      return 8;
  }
  check_failed("known element type", __FILE__, __LINE__);
}

Shape to_shape(std::span<const std::uint64_t> extents, const Origin& origin) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  std::vector<std::int64_t> signed_extents;
  for (const std::uint64_t extent : extents) {
    require(origin.fault, extent <= kMost, "{}: an axis of {} elements is too long.", origin.where, extent);
    signed_extents.push_back(static_cast<std::int64_t>(extent));
  }
  try {
    return Shape(signed_extents);
  } catch (const Error& error) {
    fail(origin.fault, "{}: {}", origin.where, error.what());
  }
}

Tensor decode(Stored stored, const Shape& shape, std::span<const std::byte> bytes, const Origin& origin) {
  GRADUS_CHECK(bytes.size() == size_of(stored) * static_cast<std::size_t>(shape.size()));
  switch (stored) {
    case Stored::boolean:
      return convert_each<std::uint8_t, bool>(shape, bytes, [&](std::uint8_t x, std::size_t i) {
        require(origin.fault, x <= 1, "{}: a bool is 0 or 1, element {} is {}.", origin.where, i, x);
        return x == 1;
      });
    case Stored::u64:
      return convert_each<std::uint64_t, std::int64_t>(shape, bytes, [&](std::uint64_t x, std::size_t i) {
        require(origin.fault, x <= std::numeric_limits<std::int64_t>::max(),
                "{}: element {} is {}; integers up to 2^63 - 1 are supported.", origin.where, i, x);
        return static_cast<std::int64_t>(x);
      });
    case Stored::f16:
      return convert_each<std::uint16_t, float>(shape, bytes,
                                                [](std::uint16_t x, std::size_t) { return from_half(x); });
    case Stored::bf16:
      return convert_each<std::uint16_t, float>(shape, bytes,
                                                [](std::uint16_t x, std::size_t) { return from_bfloat(x); });
    case Stored::u8:
      return copied<std::uint8_t>(shape, bytes);
    case Stored::i8:
      return widened<std::int8_t, std::int32_t>(shape, bytes);
    case Stored::u16:
      return widened<std::uint16_t, std::int32_t>(shape, bytes);
    case Stored::i16:
      return widened<std::int16_t, std::int32_t>(shape, bytes);
    case Stored::u32:
      return widened<std::uint32_t, std::int64_t>(shape, bytes);
    case Stored::i32:
      return copied<std::int32_t>(shape, bytes);
    case Stored::i64:
      return copied<std::int64_t>(shape, bytes);
    case Stored::f32:
      return copied<float>(shape, bytes);
    case Stored::f64:
      return copied<double>(shape, bytes);
  }
  check_failed("known element type", __FILE__, __LINE__);
}

}  // namespace gradus::io
