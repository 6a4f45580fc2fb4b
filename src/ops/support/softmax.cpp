#include "ops/support/softmax.h"

#include "gradus/ops.h"
#include "ops/support/samples.h"

namespace gradus {

std::vector<Sample> softmax_samples() {
  std::vector<Sample> list;
  for (const Shape& shape : sample_shapes()) {
    for (std::int64_t axis = 0; axis < shape.rank(); ++axis) {
      list.push_back({AxisOptions{axis % 2 == 0 ? axis : axis - shape.rank()}, {{shape, -4, 4}}});
    }
  }
  return list;
}

}  // namespace gradus
