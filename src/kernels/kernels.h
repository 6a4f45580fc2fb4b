// The kernels that come with the library.
#pragma once

#include "compiler/fuse.h"
#include "compiler/kernel.h"

namespace gradus {

// Fastest first: oneDNN for large products, Highway for the rest, the op's own plain kernel last.
KernelSet fast_kernels();
// What may be put into one node for them.
FuseRules fuse_rules();
// Only the ops' plain kernels.
KernelSet reference_kernels();

// Each registers what its folder has.
void add_simd_kernels(KernelSet& kernels);
void add_onednn_kernels(KernelSet& kernels);
void add_reference_kernels(KernelSet& kernels);

}  // namespace gradus
