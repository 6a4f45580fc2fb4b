// log(x): the natural logarithm, per element; -inf at 0, NaN below.
#include <cmath>

#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Log {
  template <class T>
  T operator()(const NoOptions&, T x) const {
    return std::log(x);
  }
};

Values vjp(const Node& n, const Value&, const Value& dy) { return {dy / n.in[0]}; }

std::vector<Refusal> refusals() {
  return {
      {NoOptions{}, {{DType::boolean, {4}}}, "log: x must be f32 or f64, it is bool[4]. cast() it first."}};
}

}  // namespace

extern const OpDef log_op = define<NoOptions>(
    {.name = "log",
     .inputs = {"x"},
     .kind = OpDef::elementwise,
     .infer = infer_unary,
     .vjp = vjp,
     .reference = map_unary<Log>,
     .samples = [] { return unary_samples(0.1, 3); },
     .refusals = refusals,
     .doc = {
         .formula = "y = ln x", .shapes = "y has the shape of x", .gradient = "dx = dy / x", .source = ""}});

Value log(const Value& x) { return x.graph().add(log_op, NoOptions{}, {x}); }

}  // namespace gradus
