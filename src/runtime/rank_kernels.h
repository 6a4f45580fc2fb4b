// Kernels of ops that several processes carry out together.
#pragma once

#include "compiler/kernel.h"
#include "gradus/communicator.h"

namespace gradus {

void add_rank_kernels(KernelSet& kernels, Communicator& ranks);

}  // namespace gradus
