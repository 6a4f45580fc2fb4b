#include "ops/support/loops.h"

namespace gradus {

Strides broadcast_strides(const Shape& shape, const Shape& to) {
  Strides strides{};
  std::int64_t step = 1;
  for (int i = 1; i <= shape.rank(); ++i) {
    const bool stretched = shape[-i] == 1 && to[-i] != 1;
    strides[static_cast<std::size_t>(to.rank() - i)] = stretched ? 0 : step;
    step *= shape[-i];
  }
  return strides;
}

}  // namespace gradus
