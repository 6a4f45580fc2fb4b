#include "base/buffer.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

#include "base/check.h"

namespace gradus {

namespace {

// Huge pages, where the system has them: arenas are read and written in many places at once, and small pages
// would take more entries than a processor's table of pages has.
constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kLarge = 2 * kHugePage;

}  // namespace

std::shared_ptr<std::byte> allocate(std::size_t bytes) {
  const std::size_t alignment = bytes >= kLarge ? kHugePage : kAlignment;
  const std::size_t padded = ((bytes == 0 ? 1 : bytes) + alignment - 1) / alignment * alignment;
  auto* memory = padded < bytes ? nullptr : static_cast<std::byte*>(std::aligned_alloc(alignment, padded));
  if (memory == nullptr) fail(Fault::model, "out of memory: {} bytes were asked for.", bytes);
  if (bytes >= kLarge) ::madvise(memory, padded, MADV_HUGEPAGE);  // advice: where it fails nothing is lost
  std::memset(memory, 0, padded);
  return {memory, [](std::byte* p) { std::free(p); }};
}

}  // namespace gradus
