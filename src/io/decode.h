// The element types files use, and their way into a Tensor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "gradus/error.h"
#include "gradus/tensor.h"

namespace gradus::io {

enum class Stored : std::uint8_t { boolean, u8, i8, u16, i16, u32, i32, u64, i64, f16, bf16, f32, f64 };

std::size_t size_of(Stored stored);  // bytes per element

// Where messages say a problem is, and whose fault it is.
struct Origin {
  std::string where;
  Fault fault;
};

// The extents as a Shape. Error if there are too many or their product overflows.
Shape to_shape(std::span<const std::uint64_t> extents, const Origin& origin);

// `bytes` (little-endian, exactly as many as the shape needs) as a tensor of the smallest type of Gradus that
// holds every value: see gradus/io.h. Error: a bool that is neither 0 nor 1, a u64 of 2^63 or more.
Tensor decode(Stored stored, const Shape& shape, std::span<const std::byte> bytes, const Origin& origin);

}  // namespace gradus::io
