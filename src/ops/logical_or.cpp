// logical_or(a, b): whether a or b, per element with broadcasting.
#include "gradus/ops.h"
#include "ops/support/logic.h"

namespace gradus {
namespace {

struct Or {
  bool operator()(bool a, bool b) const { return a || b; }
};

}  // namespace

extern const OpDef logical_or_op = logical_binary<Or>("logical_or", "y = a or b");

Value logical_or(const Value& a, const Value& b) { return a.graph().add(logical_or_op, NoOptions{}, {a, b}); }

}  // namespace gradus
