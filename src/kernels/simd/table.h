// Elementwise work on tables of rows and columns.
#pragma once

#include <memory>

#include "compiler/fused.h"
#include "compiler/kernel.h"

namespace gradus::simd {

// Carries out the body tile by tile; null if there is no code for it.
std::shared_ptr<const Kernel> map_kernel(const FusedBody& body, int threads);

// Carries out the one elementwise op of the node tile by tile; null if there is no code for it.
std::shared_ptr<const Kernel> table_kernel(const Node& node, int threads);

}  // namespace gradus::simd
