// Pooling of images with their channels last (Highway).
#pragma once

#include <cstddef>
#include <cstdint>

#include "gradus/tensor.h"
#include "ops/support/pool.h"

namespace gradus::simd {

// Pointers are to the elements of whole tensors, of one float type; winners are i32. Each works on rows
// [begin, end) of its result, counted over the images of the batch.
struct PoolFunctions {
  void (*max)(const PoolGeometry& g, const void* x, void* y, std::int32_t* winners, std::int64_t begin,
              std::int64_t end);
  void (*take)(const PoolGeometry& g, const void* x, const std::int32_t* winners, void* y, std::int64_t begin,
               std::int64_t end);
  void (*max_grad)(const PoolGeometry& g, const void* dy, const std::int32_t* winners, void* dx,
                   std::int64_t begin, std::int64_t end);
  void (*average)(const PoolGeometry& g, bool count_padding, const void* x, void* y, std::int64_t begin,
                  std::int64_t end);
  void (*average_grad)(const PoolGeometry& g, bool count_padding, const void* dy, void* dx,
                       std::int64_t begin, std::int64_t end);
};

// Null where the element type has no vector code.
const PoolFunctions* find_pool(DType dtype);

// The largest window whose places are exact numbers of every float type.
inline constexpr std::int64_t kLargestWindow = std::int64_t{1} << 24;

}  // namespace gradus::simd
