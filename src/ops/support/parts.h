// Parts of an array along an axis.
#pragma once

#include "gradus/value.h"

namespace gradus {

// The parts that x has along the axis: those of a concatenation, or x itself.
Values parts_along(const Value& x, int axis);
// A slice: `count` places of the axis from `begin` on.
Value part_along(const Value& x, int axis, std::int64_t begin, std::int64_t count);

}  // namespace gradus
