// gather: rows of x by number (an embedding lookup).
#include <cstring>

#include "gradus/ops.h"
#include "ops/support/indices.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

Types infer(const NoOptions&, std::span<const Type> in) {
  require(in[0].shape.rank() >= 1, "x {} has no rows: it needs at least one axis.", in[0].str());
  require_integer(in[1], "rows");
  std::vector<std::int64_t> extents = in[1].shape.list();
  extents.insert(extents.end(), in[0].shape.begin() + 1, in[0].shape.end());
  return Type{in[0].dtype, Shape(extents)};
}

Values vjp(const Node& n, const Value&, const Value& dy) {
  return {scatter_add(dy, n.in[1], {.rows = n.in[0].shape()[0]}), Value()};
}

void reference(const NoOptions&, std::span<const Tensor> in, std::span<const Tensor> out) {
  const std::size_t row_bytes =
      size_of(in[0].dtype()) * static_cast<std::size_t>(in[0].shape().without(0).size());
  std::byte* to = out[0].data();
  for (const std::int64_t row : checked_indices(in[1], in[0].shape()[0], "gather", "rows")) {
    if (row_bytes > 0) std::memcpy(to, in[0].data() + static_cast<std::size_t>(row) * row_bytes, row_bytes);
    to += row_bytes;
  }
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Shape& rest : {Shape{}, Shape{1}, Shape{5}, Shape{3, 4}, Shape{2, 1, 3}, Shape{0}}) {
    for (const Shape& rows : {Shape{}, Shape{1}, Shape{7}, Shape{2, 3}, Shape{0}, Shape{1, 2, 1}}) {
      for (const std::int64_t count : {1, 6}) {
        std::vector<std::int64_t> extents = rest.list();
        extents.insert(extents.begin(), count);
        list.push_back(
            {NoOptions{}, {{Shape(extents)}, {rows, 0, static_cast<double>(count), SampleInput::index}}});
      }
    }
  }
  return list;
}

std::vector<Refusal> refusals() {
  return {{NoOptions{},
           {{DType::f32, {}}, {DType::i64, {3}}},
           "gather: x f32[] has no rows: it needs at least one axis."},
          {NoOptions{},
           {{DType::f32, {4, 2}}, {DType::f32, {3}}},
           "gather: rows must be i32 or i64, it is f32[3]. cast() it first."}};
}

}  // namespace

extern const OpDef gather_op = define<NoOptions>(
    {.name = "gather",
     .inputs = {"x", "rows"},
     .kind = OpDef::movement,
     .infer = infer,
     .vjp = vjp,
     .reference = reference,
     .samples = samples,
     .refusals = refusals,
     .doc = {.formula = "y[i, ...] = x[rows[i], ...]; a row outside x is refused at run time",
             .shapes = "x [R, rest...], rows [...] (i32 or i64), y [rows..., rest...]",
             .gradient = "dx = scatter_add(dy, rows)",
             .source = ""}});

Value gather(const Value& x, const Value& rows) { return x.graph().add(gather_op, NoOptions{}, {x, rows}); }

}  // namespace gradus
