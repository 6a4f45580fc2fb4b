// not_equal(a, b): whether a != b, per element with broadcasting.
#include "gradus/ops.h"
#include "ops/support/compare.h"

namespace gradus {
namespace {

struct NotEqual {
  template <class T>
  bool operator()(const NoOptions&, T a, T b) const {
    return a != b;
  }
};

}  // namespace

extern const OpDef not_equal_op = comparison<NotEqual>("not_equal", "y = a != b");

Value not_equal(const Value& a, const Value& b) { return a.graph().add(not_equal_op, NoOptions{}, {a, b}); }

}  // namespace gradus
