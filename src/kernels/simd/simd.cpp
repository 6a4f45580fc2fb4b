#include "kernels/kernels.h"

namespace gradus {

void add_conv_kernels(KernelSet& kernels);
void add_conv_weight_grad_kernels(KernelSet& kernels);
void add_depthwise_kernels(KernelSet& kernels);
void add_elementwise_kernels(KernelSet& kernels);
void add_fused_kernels(KernelSet& kernels);
void add_matmul_map_kernels(KernelSet& kernels);
void add_reduce_kernels(KernelSet& kernels);
void add_matmul_kernels(KernelSet& kernels);
void add_softmax_kernels(KernelSet& kernels);
void add_index_kernels(KernelSet& kernels);
void add_batch_norm_kernels(KernelSet& kernels);
void add_layer_norm_kernels(KernelSet& kernels);
void add_movement_kernels(KernelSet& kernels);
void add_pool_kernels(KernelSet& kernels);
void add_random_kernels(KernelSet& kernels);

void add_simd_kernels(KernelSet& kernels) {
  add_depthwise_kernels(kernels);
  add_conv_kernels(kernels);
  add_conv_weight_grad_kernels(kernels);
  add_elementwise_kernels(kernels);
  add_fused_kernels(kernels);
  add_matmul_map_kernels(kernels);
  add_reduce_kernels(kernels);
  add_matmul_kernels(kernels);
  add_softmax_kernels(kernels);
  add_index_kernels(kernels);
  add_batch_norm_kernels(kernels);
  add_layer_norm_kernels(kernels);
  add_movement_kernels(kernels);
  add_pool_kernels(kernels);
  add_random_kernels(kernels);
}

}  // namespace gradus
