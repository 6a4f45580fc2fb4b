// The plain kernel of any op as a kernel of the compiled executor: what runs when nothing faster accepts.
#include "kernels/kernels.h"

namespace gradus {

void add_reference_kernels(KernelSet& kernels) {
  kernels.add_fallback(
      {"reference", [](const KernelRequest& request) -> KernelChoice {
         if (!request.node.op->reference) return std::string("the op has no plain kernel");
         return make_kernel([op = request.node.op, attrs = request.node.attrs](const Bindings& b) {
           return make_launch([op, attrs, in = b.in, out = b.out] { op->reference(attrs, in, out); });
         });
       }});
}

}  // namespace gradus
