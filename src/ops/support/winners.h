// Which element wins a maximum: shared by max and argmax.
#pragma once

#include "gradus/tensor.h"

namespace gradus {

// For each element of `kept` (the shape of x with extent 1 on the reduced axes): the place in x of the
// largest element that reduces to it, the first of equal ones. NaN counts as the largest. No reduced axis
// may be empty, unless nothing reduces at all.
std::vector<std::int64_t> winners(const Tensor& x, const Shape& kept);

}  // namespace gradus
