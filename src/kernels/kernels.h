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
// These come before oneDNN's, which they beat.
void add_narrow_conv_kernels(KernelSet& kernels);
void add_narrow_weight_grad_kernels(KernelSet& kernels);
void add_simd_kernels(KernelSet& kernels);
// oneDNN makes do with AVX-512 where bf16 has no instructions, at an eighth of the speed of f32.
void add_onednn_kernels(KernelSet& kernels, bool bf16);
void add_reference_kernels(KernelSet& kernels);
// For bf16 factors: what is there for f32, on widened copies.
void add_widened_kernels(KernelSet& kernels);

}  // namespace gradus
