#include "gradus/ops.h"
#include "ops/defs.h"

namespace gradus {

const std::vector<const OpDef*>& builtin_ops() {
  static const std::vector<const OpDef*> ops = {
#define GRADUS_OP(op) &op##_op,
#include "ops/list.def"
#undef GRADUS_OP
  };
  return ops;
}

}  // namespace gradus
