#include "kernels/kernels.h"

namespace gradus {

void add_onednn_conv(KernelSet& kernels);
void add_onednn_matmul(KernelSet& kernels);

void add_onednn_kernels(KernelSet& kernels) {
  add_onednn_conv(kernels);
  add_onednn_matmul(kernels);
}

}  // namespace gradus
