// logical_and(a, b): whether a and b, per element with broadcasting.
#include "gradus/ops.h"
#include "ops/support/logic.h"

namespace gradus {
namespace {

struct And {
  bool operator()(bool a, bool b) const { return a && b; }
};

}  // namespace

extern const OpDef logical_and_op = logical_binary<And>("logical_and", "y = a and b");

Value logical_and(const Value& a, const Value& b) {
  return a.graph().add(logical_and_op, NoOptions{}, {a, b});
}

}  // namespace gradus
