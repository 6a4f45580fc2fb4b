// less_equal(a, b): whether a <= b, per element with broadcasting.
#include "gradus/ops.h"
#include "ops/support/compare.h"

namespace gradus {
namespace {

struct LessEqual {
  template <class T>
  bool operator()(const NoOptions&, T a, T b) const {
    return a <= b;
  }
};

}  // namespace

extern const OpDef less_equal_op = comparison<LessEqual>("less_equal", "y = a <= b");

Value less_equal(const Value& a, const Value& b) { return a.graph().add(less_equal_op, NoOptions{}, {a, b}); }

}  // namespace gradus
