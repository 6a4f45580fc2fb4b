#include "runtime/rank_kernels.h"

#include "ops/defs.h"
#include "tensor/dispatch.h"

namespace gradus {

void add_rank_kernels(KernelSet& kernels, Communicator& ranks) {
  const auto prepare = [&ranks](const KernelRequest&) -> KernelChoice {
    return make_kernel([&ranks](const Bindings& b) {
      return make_launch([&ranks, b] {
        b.out[0].copy_from(b.in[0]);
        dispatch_float(b.out[0].dtype(),
                       [&](auto zero) { ranks.begin_sum(b.out[0].values<decltype(zero)>()); });
        ranks.finish();
      });
    });
  };
  kernels.add(all_reduce_op, {"ranks.all_reduce", prepare});
}

}  // namespace gradus
