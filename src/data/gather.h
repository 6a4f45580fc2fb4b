// Rows of a data set into a batch, converted on the way.
#pragma once

#include <cstdint>
#include <span>

#include "gradus/tensor.h"

namespace gradus::data {

// target[first + i] = source[rows[i]]. Equal dtypes are copied, floats converted.
// target [B, ...] has the source's example shape and at least first + rows.size() rows.
void gather_rows(const Tensor& source, std::span<const std::int64_t> rows, const Tensor& target,
                 std::int64_t first);

}  // namespace gradus::data
