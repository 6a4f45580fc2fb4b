// What a concatenation was made of.
#pragma once

#include "gradus/value.h"

namespace gradus {

// The parts that x has along the axis: those of a concatenation, or x itself.
Values parts_along(const Value& x, int axis);

}  // namespace gradus
