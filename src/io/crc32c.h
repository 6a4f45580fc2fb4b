// CRC-32C (Castagnoli polynomial, RFC 3720, appendix B.4).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace gradus::io {

inline std::uint32_t crc32c(std::span<const std::byte> bytes) {
  static constexpr std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> entries{};
    for (std::uint32_t i = 0; i < entries.size(); ++i) {
      std::uint32_t rest = i;
      for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0x82f63b78U : 0U);
      entries[i] = rest;
    }
    return entries;
  }();
  std::uint32_t crc = ~0U;
  for (const std::byte b : bytes) crc = (crc >> 8) ^ table[(crc ^ std::to_integer<std::uint32_t>(b)) & 0xffU];
  return ~crc;
}

}  // namespace gradus::io
