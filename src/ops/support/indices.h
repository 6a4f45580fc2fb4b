// Index tensors: read, and refused by name when they point outside.
#pragma once

#include <string_view>
#include <vector>

#include "gradus/tensor.h"

namespace gradus {

// Error (Fault::data) unless 0 <= index < bound:
// "OP: element 3 of INPUT is 7; at least 0 and less than 5 was needed. Check the data."
void require_index(std::int64_t index, std::int64_t element, std::int64_t bound, std::string_view op,
                   std::string_view input);

// The elements of an i32 or i64 tensor, each checked by require_index().
std::vector<std::int64_t> checked_indices(const Tensor& indices, std::int64_t bound, std::string_view op,
                                          std::string_view input);

}  // namespace gradus
