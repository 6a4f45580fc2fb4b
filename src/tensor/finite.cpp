#include "tensor/finite.h"

#include <algorithm>
#include <cstring>
#include <span>

namespace gradus {

namespace {

// Numbers whose exponents are all ones are not finite. By blocks, so that one instruction looks at many.
template <class Bits>
bool all_finite(std::span<const std::byte> bytes, Bits exponent) {
  constexpr std::size_t kBlock = 4096;
  const std::size_t count = bytes.size() / sizeof(Bits);
  for (std::size_t begin = 0; begin < count; begin += kBlock) {
    Bits bad = 0;
    for (std::size_t i = begin, end = std::min(begin + kBlock, count); i < end; ++i) {
      Bits bits;
      std::memcpy(&bits, bytes.data() + i * sizeof(Bits), sizeof(Bits));
      bad = static_cast<Bits>(bad | static_cast<Bits>((bits & exponent) == exponent));
    }
    if (bad != 0) return false;
  }
  return true;
}

}  // namespace

bool all_finite(const Tensor& tensor) {
  const std::span<const std::byte> bytes(tensor.data(), tensor.byte_size());
  switch (tensor.dtype()) {
    case DType::f32:
      return all_finite<std::uint32_t>(bytes, 0x7f800000U);
    case DType::f64:
      return all_finite<std::uint64_t>(bytes, 0x7ff0000000000000U);
    case DType::bf16:
      return all_finite<std::uint16_t>(bytes, 0x7f80U);
    case DType::i32:
    case DType::i64:
    case DType::u8:
    case DType::boolean:
      return true;
  }
  return true;
}

}  // namespace gradus
