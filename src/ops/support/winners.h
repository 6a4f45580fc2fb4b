// Which element wins a maximum: shared by max, argmax and max_pool2d.
#pragma once

#include <cmath>
#include <type_traits>

#include "gradus/tensor.h"

namespace gradus {

// Whether a later element takes the place of the largest so far: the first of equal ones stays, and NaN
// counts as the largest.
template <class T>
bool beats(T challenger, T champion) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(champion)) return false;
    if (std::isnan(challenger)) return true;
  }
  return challenger > champion;
}

// For each element of `kept` (the shape of x with extent 1 on the reduced axes): the place in x of the
// largest element that reduces to it, the first of equal ones. NaN counts as the largest. No reduced axis
// may be empty, unless nothing reduces at all.
std::vector<std::int64_t> winners(const Tensor& x, const Shape& kept);

}  // namespace gradus
