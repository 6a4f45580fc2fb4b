// scatter_add: adds each row of x to a row of the result, by number: the adjoint of gather.
#include <algorithm>

#include "gradus/ops.h"
#include "ops/support/indices.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

Types infer(const ScatterOptions& op, std::span<const Type> in) {
  const Shape &x = in[0].shape, &rows = in[1].shape;
  require(in[0].dtype != DType::boolean, "x is bool; numbers were needed. cast() it first.");
  require_integer(in[1], "rows");
  require(op.rows >= 0, "the result would have {} rows; 0 or more was needed.", op.rows);
  require(x.rank() >= rows.rank() && std::equal(rows.begin(), rows.end(), x.begin()),
          "x {} must start with the axes of rows {}.", x.str(), rows.str());
  std::vector<std::int64_t> extents(x.begin() + rows.rank(), x.end());
  extents.insert(extents.begin(), op.rows);
  return Type{in[0].dtype, Shape(extents)};
}

Values vjp(const Node& n, const Value&, const Value& dy) { return {gather(dy, n.in[1]), Value()}; }

void reference(const ScatterOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const auto rows = checked_indices(in[1], op.rows, "scatter_add", "rows");
  const auto length = static_cast<std::size_t>(out[0].shape().without(0).size());
  dispatch(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    using Sum = std::conditional_t<std::is_floating_point_v<T>, double, std::int64_t>;
    const auto x = in[0].values<const T>();
    const auto y = out[0].values<T>();
    std::vector<Sum> sums(y.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (std::size_t k = 0; k < length; ++k) {
        sums[static_cast<std::size_t>(rows[i]) * length + k] += static_cast<Sum>(x[i * length + k]);
      }
    }
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<T>(sums[i]);
  });
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Shape& rest : {Shape{}, Shape{1}, Shape{5}, Shape{3, 4}, Shape{2, 1, 3}, Shape{0}}) {
    for (const Shape& rows : {Shape{}, Shape{1}, Shape{7}, Shape{2, 3}, Shape{0}, Shape{1, 2, 1}}) {
      for (const std::int64_t count : {1, 6}) {
        std::vector<std::int64_t> extents = rows.list();
        extents.insert(extents.end(), rest.begin(), rest.end());
        list.push_back({ScatterOptions{count},
                        {{Shape(extents)}, {rows, 0, static_cast<double>(count), SampleInput::index}}});
      }
    }
  }
  return list;
}

std::vector<Refusal> refusals() {
  return {{ScatterOptions{5},
           {{DType::f32, {3, 2}}, {DType::i64, {4}}},
           "scatter_add: x [3, 2] must start with the axes of rows [4]."},
          {ScatterOptions{-1},
           {{DType::f32, {3, 2}}, {DType::i64, {3}}},
           "scatter_add: the result would have -1 rows; 0 or more was needed."},
          {ScatterOptions{5},
           {{DType::f32, {3}}, {DType::u8, {3}}},
           "scatter_add: rows must be i32 or i64, it is u8[3]. cast() it first."},
          {ScatterOptions{5},
           {{DType::boolean, {3}}, {DType::i32, {3}}},
           "scatter_add: x is bool; numbers were needed. cast() it first."}};
}

}  // namespace

extern const OpDef scatter_add_op = define<ScatterOptions>(
    {.name = "scatter_add",
     .inputs = {"x", "rows"},
     .kind = OpDef::composite,
     .infer = infer,
     .vjp = vjp,
     .reference = reference,
     .samples = samples,
     .refusals = refusals,
     .doc = {.formula =
                 "y[r, ...] = sum of x[i, ...] over all i with rows[i] = r; a row outside y is refused "
                 "at run time",
             .shapes = "rows [...] (i32 or i64), x [rows..., rest...], y [R, rest...]",
             .gradient = "dx = gather(dy, rows)",
             .source = ""}});

Value scatter_add(const Value& x, const Value& rows, const ScatterOptions& options) {
  return x.graph().add(scatter_add_op, options, {x, rows});
}

}  // namespace gradus
