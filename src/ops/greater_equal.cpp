// greater_equal(a, b): whether a >= b, per element with broadcasting.
#include "gradus/ops.h"
#include "ops/support/compare.h"

namespace gradus {
namespace {

struct GreaterEqual {
  template <class T>
  bool operator()(const NoOptions&, T a, T b) const {
    return a >= b;
  }
};

}  // namespace

extern const OpDef greater_equal_op = comparison<GreaterEqual>("greater_equal", "y = a >= b");

Value greater_equal(const Value& a, const Value& b) {
  return a.graph().add(greater_equal_op, NoOptions{}, {a, b});
}

}  // namespace gradus
