// matmul(a, b): matrix product over the last two axes, with transposes; leading axes are a batch.
#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct Extents {
  std::int64_t m, k, n;
};

Extents extents(const MatmulOptions& op, const Shape& a, const Shape& b) {
  return {a[op.transpose_a ? -1 : -2], a[op.transpose_a ? -2 : -1], b[op.transpose_b ? -2 : -1]};
}

Shape batch_of(const Shape& shape) { return shape.without(-1).without(-1); }

Types infer(const MatmulOptions& op, std::span<const Type> in) {
  const auto [a, b] = std::pair{in[0].shape, in[1].shape};
  require_factor(in[0], "a");
  require_same_dtype(in[0], in[1]);
  require(a.rank() >= 2 && b.rank() >= 2,
          "a {} and b {} need at least two axes. reshape() a vector to [1, n] or [n, 1].", a.str(), b.str());
  const Extents e = extents(op, a, b);
  const std::int64_t rows_of_b = b[op.transpose_b ? -1 : -2];
  require(e.k == rows_of_b, "a {}{} has {} columns, b {}{} has {} rows; they must be equal.", a.str(),
          op.transpose_a ? " transposed" : "", e.k, b.str(), op.transpose_b ? " transposed" : "", rows_of_b);
  std::vector<std::int64_t> shape = broadcast(batch_of(a), batch_of(b)).list();
  shape.insert(shape.end(), {e.m, e.n});
  return Type{product_dtype(in[0].dtype), Shape(shape)};
}

// With A = op(a), B = op(b): dA = dy B^T and dB = A^T dy, each transposed back where its input was.
Values vjp(const Node& n, const Value&, const Value& dy) {
  const auto& op = n.attr<MatmulOptions>();
  const Value &a = n.in[0], &b = n.in[1];
  const Value da = op.transpose_a ? matmul(b, dy, {.transpose_a = op.transpose_b, .transpose_b = true})
                                  : matmul(dy, b, {.transpose_b = !op.transpose_b});
  const Value db = op.transpose_b ? matmul(dy, a, {.transpose_a = true, .transpose_b = op.transpose_a})
                                  : matmul(a, dy, {.transpose_a = !op.transpose_a});
  return {sum_to(da, a.shape()), sum_to(db, b.shape())};
}

void reference(const MatmulOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const Shape &sa = in[0].shape(), &sb = in[1].shape(), batch = batch_of(out[0].shape());
  const auto [m, k, n] = extents(op, sa, sb);
  std::array strides = {broadcast_strides(batch_of(sa), batch), broadcast_strides(batch_of(sb), batch)};
  dispatch_factor(in[0].dtype(), [&, m = m, k = k, n = n](auto zero) {
    using T = decltype(zero);
    const auto a = in[0].values<const T>(), b = in[1].values<const T>();
    const auto y = out[0].values<Product<T>>();
    walk(batch, strides, [&](std::int64_t item, const auto& at) {
      const std::int64_t a0 = at[0] * m * k, b0 = at[1] * k * n;
      for (std::int64_t i = 0; i < m; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
          double sum = 0;
          for (std::int64_t l = 0; l < k; ++l) {
            const std::int64_t ia = a0 + (op.transpose_a ? l * m + i : i * k + l);
            const std::int64_t ib = b0 + (op.transpose_b ? j * k + l : l * n + j);
            sum += convert<double>(a[static_cast<std::size_t>(ia)]) *
                   convert<double>(b[static_cast<std::size_t>(ib)]);
          }
          y[static_cast<std::size_t>((item * m + i) * n + j)] = static_cast<Product<T>>(sum);
        }
      }
    });
  });
}

std::int64_t flops(const MatmulOptions& op, std::span<const Type> in) {
  const Extents e = extents(op, in[0].shape, in[1].shape);
  return 2 * broadcast(batch_of(in[0].shape), batch_of(in[1].shape)).size() * e.m * e.k * e.n;
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  const std::vector<Extents> products = {{1, 1, 1}, {1, 5, 1},   {5, 1, 3},  {1, 7, 4},  {3, 20, 20},
                                         {3, 2, 9}, {17, 33, 5}, {8, 16, 8}, {64, 3, 2}, {2, 0, 3}};
  for (const Extents& e : products) {
    for (const bool ta : {false, true}) {
      for (const bool tb : {false, true}) {
        const Shape a = ta ? Shape{e.k, e.m} : Shape{e.m, e.k}, b = tb ? Shape{e.n, e.k} : Shape{e.k, e.n};
        list.push_back({MatmulOptions{ta, tb}, {{a}, {b}}});
      }
    }
  }
  list.push_back({MatmulOptions{}, {{{2, 3, 4}}, {{2, 4, 5}}}});
  list.push_back({MatmulOptions{}, {{{2, 3, 4}}, {{4, 5}}}});
  list.push_back({MatmulOptions{false, true}, {{{3, 4}}, {{2, 5, 4}}}});
  list.push_back({MatmulOptions{true, false}, {{{2, 1, 4, 3}}, {{3, 4, 2}}}});
  return list;
}

std::vector<Refusal> refusals() {
  return {{MatmulOptions{},
           {{DType::f32, {3, 4}}, {DType::f32, {5, 6}}},
           "matmul: a [3, 4] has 4 columns, b [5, 6] has 5 rows; they must be equal."},
          {MatmulOptions{false, true},
           {{DType::f32, {3, 4}}, {DType::f32, {5, 6}}},
           "matmul: a [3, 4] has 4 columns, b [5, 6] transposed has 6 rows; they must be equal."},
          {MatmulOptions{},
           {{DType::f32, {3}}, {DType::f32, {3, 2}}},
           "matmul: a [3] and b [3, 2] need at least two axes. reshape() a vector to [1, n] or [n, 1]."}};
}

}  // namespace

extern const OpDef matmul_op = define<MatmulOptions>(
    {.name = "matmul",
     .inputs = {"a", "b"},
     .kind = OpDef::contraction,
     .infer = infer,
     .vjp = vjp,
     .reference = reference,
     .flops = flops,
     .takes_bf16 = true,
     .samples = samples,
     .refusals = refusals,
     .doc = {
         .formula = "y[m, n] = sum over k of a[m, k] b[k, n]",
         .shapes = "a [..., M, K], b [..., K, N], y [..., M, N]; batch axes broadcast; f32 of bf16 inputs",
         .gradient = "da = dy b^T, db = a^T dy",
         .source = "Giles 2008, section 2.2.2"}});

Value matmul(const Value& a, const Value& b, const MatmulOptions& options) {
  return a.graph().add(matmul_op, options, {a, b});
}

}  // namespace gradus
