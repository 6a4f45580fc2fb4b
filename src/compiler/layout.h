// The pass that puts the channels of images last.
#pragma once

#include <vector>

#include "gradus/op_def.h"

namespace gradus {

// How a pass moves axes: the compiler knows no op by name, so it is given these two.
struct AxisMover {
  Value (*transpose)(const Value& x, std::vector<std::int64_t> axes) = nullptr;
  Value (*reshape)(const Value& x, const Shape& shape) = nullptr;
};

// Puts regions of image ops into channels-last order. Outputs and state keep theirs.
Graph layout(const Graph& graph, const AxisMover& move);

}  // namespace gradus
