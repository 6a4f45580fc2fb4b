#include "base/buffer.h"

#include <cstdlib>
#include <cstring>

#include "base/check.h"

namespace gradus {

std::shared_ptr<std::byte> allocate(std::size_t bytes) {
  const std::size_t padded = align_up(bytes == 0 ? 1 : bytes);
  auto* memory = padded < bytes ? nullptr : static_cast<std::byte*>(std::aligned_alloc(kAlignment, padded));
  if (memory == nullptr) fail(Fault::model, "out of memory: {} bytes were asked for.", bytes);
  std::memset(memory, 0, padded);
  return {memory, [](std::byte* p) { std::free(p); }};
}

}  // namespace gradus
