// Aligned memory: what tensors and arenas are made of.
#pragma once

#include <cstddef>
#include <memory>

namespace gradus {

inline constexpr std::size_t kAlignment = 64;  // a cache line and an AVX-512 vector

inline constexpr std::size_t align_up(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

// Zeroed bytes on a 64-byte boundary (never null, also for size 0). Throws Error with the size
// asked for when the machine has no room.
std::shared_ptr<std::byte> allocate(std::size_t bytes);

}  // namespace gradus
