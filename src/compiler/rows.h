// Any op on some rows of its inputs.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "gradus/op_def.h"

namespace gradus {

// The type of `rows` rows of an array.
Type rows_of(const Type& type, std::int64_t rows);

// OpDef::on_rows, and the same for elementwise ops.
std::optional<OnRows> on_rows(const OpDef& op, const Attrs& attrs, std::span<const Type> in,
                              const std::vector<bool>& may_cut, std::int64_t rows);

}  // namespace gradus
