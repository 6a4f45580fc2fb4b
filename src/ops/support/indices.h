// Index tensors: read, and refused by name when they point outside.
#pragma once

#include <string_view>
#include <vector>

#include "gradus/tensor.h"

namespace gradus {

// The elements of an i32 or i64 tensor. Error (Fault::data) if one is outside [0, bound):
// "OP: element 3 of INPUT is 7; at least 0 and less than 5 was needed. Check the data."
std::vector<std::int64_t> checked_indices(const Tensor& indices, std::int64_t bound, std::string_view op,
                                          std::string_view input);

}  // namespace gradus
