// less(a, b): whether a < b, per element with broadcasting.
#include "gradus/ops.h"
#include "ops/support/compare.h"

namespace gradus {
namespace {

struct Less {
  template <class T>
  bool operator()(const NoOptions&, T a, T b) const {
    return a < b;
  }
};

}  // namespace

extern const OpDef less_op = comparison<Less>("less", "y = a < b");

Value less(const Value& a, const Value& b) { return a.graph().add(less_op, NoOptions{}, {a, b}); }

}  // namespace gradus
