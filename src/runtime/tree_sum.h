// Sums over ranks whose bits do not depend on how many ranks share the work.
#pragma once

#include <span>

#include "gradus/communicator.h"

namespace gradus {

// values := the sum over all ranks of their values, added as ((0 + 1) + (2 + 3)) + ..., on every rank. Their
// number is a power of two. `scratch` holds as many elements. T: float, double.
template <class T>
void tree_sum(Communicator& ranks, std::span<T> values, std::span<T> scratch);

}  // namespace gradus
