// Rows of a data set into a batch, converted on the way.
#pragma once

#include <cstdint>
#include <span>

#include "gradus/tensor.h"

namespace gradus::data {

// target[i] = source[rows[i]]. Equal dtypes are copied, floats converted.
// target [B, ...] has the source's example shape and rows.size() rows.
void gather_rows(const Tensor& source, std::span<const std::int64_t> rows, const Tensor& target);

}  // namespace gradus::data
