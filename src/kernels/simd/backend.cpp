#include <fmt/core.h>
#include <hwy/highway.h>
#include <hwy/targets.h>

#include "kernels/backends.h"

namespace gradus {

Backend simd_backend() {
  // Better targets have lower bits.
  const std::int64_t supported = hwy::SupportedTargets();
  return {"Highway", fmt::format("{}.{}", HWY_MAJOR, HWY_MINOR), hwy::TargetName(supported & -supported)};
}

}  // namespace gradus
