// The pass that makes in parts what is only read in parts.
#pragma once

#include "compiler/fuse.h"

namespace gradus {

// x[.., begin : begin + count, ..] along the axis: the compiler knows no op by name, so it is given this one.
using Slicer = Value (*)(const Value& x, int axis, std::int64_t begin, std::int64_t count);

// After `expand`. Where each user of an elementwise result is a slice along one axis, or is itself made in
// parts, the parts are made of slices of the inputs, and the whole is not made. So a sum that grows from
// layer to layer, of which each layer takes a part, becomes one sum for each part, in the same order, when
// that part is needed. What is cheap is made again of the parts of a concatenation. The bits stay the same.
Graph make_parts(const Graph& graph, const FuseRules& rules, Slicer slice);

}  // namespace gradus
