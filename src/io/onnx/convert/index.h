// Elements by number.
#pragma once

#include <string>

#include "gradus/ops.h"
#include "io/onnx/call.h"

namespace gradus::io::onnx {

// y[i...] = x[..., places[i...], ...]: `places` (integers from 0) have the rank of x; along all other axes y
// stands where x does.
Value taken_each(const Value& x, const Value& places, int axis);

// x [R, rest...] with rows [M] (i64) combined with updates [M, rest...]: "none" sets (the last of equal rows
// stays), "add", "mul", "max", "min" combine one by one. All but "add" must know the rows before the run.
Value scattered(const Call& call, const Value& x, const Value& rows, const Value& updates,
                const std::string& reduction);

}  // namespace gradus::io::onnx
