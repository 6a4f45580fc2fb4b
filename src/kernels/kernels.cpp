#include "kernels/kernels.h"

namespace gradus {

KernelSet fast_kernels() {
  KernelSet kernels;
#ifdef GRADUS_WITH_ONEDNN
  add_onednn_kernels(kernels);
#endif
  add_simd_kernels(kernels);
  add_reference_kernels(kernels);
  return kernels;
}

KernelSet reference_kernels() {
  KernelSet kernels;
  add_reference_kernels(kernels);
  return kernels;
}

}  // namespace gradus
