// equal(a, b): whether a == b, per element with broadcasting.
#include "gradus/ops.h"
#include "ops/support/compare.h"

namespace gradus {
namespace {

struct Equal {
  template <class T>
  bool operator()(const NoOptions&, T a, T b) const {
    return a == b;
  }
};

}  // namespace

extern const OpDef equal_op = comparison<Equal>("equal", "y = a == b");

Value equal(const Value& a, const Value& b) { return a.graph().add(equal_op, NoOptions{}, {a, b}); }

}  // namespace gradus
