// greater(a, b): whether a > b, per element with broadcasting.
#include "gradus/ops.h"
#include "ops/support/compare.h"

namespace gradus {
namespace {

struct Greater {
  template <class T>
  bool operator()(const NoOptions&, T a, T b) const {
    return a > b;
  }
};

}  // namespace

extern const OpDef greater_op = comparison<Greater>("greater", "y = a > b");

Value greater(const Value& a, const Value& b) { return a.graph().add(greater_op, NoOptions{}, {a, b}); }

}  // namespace gradus
