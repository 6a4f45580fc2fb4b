#include "kernels/backends.h"

namespace gradus {

std::vector<Backend> backends() {
  std::vector<Backend> all;
#ifdef GRADUS_WITH_ONEDNN
  all.push_back(onednn_backend());
#endif
  all.push_back(simd_backend());
  return all;
}

}  // namespace gradus
