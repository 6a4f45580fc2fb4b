// Products whose results go through elementwise steps while they are in the cache.
#pragma once

#include "compiler/fused.h"

namespace gradus::simd {

// Whether there is a kernel for the body, of which the first step is a contraction.
bool has_product_kernel(const FusedBody& body);

}  // namespace gradus::simd
