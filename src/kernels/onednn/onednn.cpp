#include "kernels/kernels.h"

namespace gradus {

void add_onednn_conv(KernelSet& kernels, bool bf16);
void add_onednn_matmul(KernelSet& kernels, bool bf16);

void add_onednn_kernels(KernelSet& kernels, bool bf16) {
  add_onednn_conv(kernels, bf16);
  add_onednn_matmul(kernels, bf16);
}

}  // namespace gradus
