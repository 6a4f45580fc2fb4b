#include "kernels/kernels.h"

#include "kernels/backends.h"

namespace gradus {

KernelSet fast_kernels() {
  KernelSet kernels;
  add_narrow_conv_kernels(kernels);
  add_narrow_weight_grad_kernels(kernels);
#ifdef GRADUS_WITH_ONEDNN
  add_onednn_kernels(kernels, onednn_backend().bf16);
#endif
  add_simd_kernels(kernels);
  add_widened_kernels(kernels);
  add_reference_kernels(kernels);
  return kernels;
}

KernelSet reference_kernels() {
  KernelSet kernels;
  add_reference_kernels(kernels);
  return kernels;
}

}  // namespace gradus
