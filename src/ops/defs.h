// Declares the OpDef of every built-in op: NAME_op.
#pragma once

#include "gradus/op_def.h"

namespace gradus {
#define GRADUS_OP(op) extern const OpDef op##_op;
#include "ops/list.def"
#undef GRADUS_OP
}  // namespace gradus
