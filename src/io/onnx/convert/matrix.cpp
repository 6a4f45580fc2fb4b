// Products of matrices.
#include "io/onnx/convert/families.h"
#include "io/onnx/convert/products.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {
namespace {

Value with_axis(const Value& x, int axis) {
  std::vector<std::int64_t> extents = x.shape().list();
  extents.insert(extents.begin() + axis, 1);
  return reshape(x, Shape(extents));
}

Values product_of(const Call& call) { return {matrix_product(call.in(0), call.in(1))}; }

// alpha A' B' + beta C
Values general(const Call& call) {
  const auto flat = [&](const Value& x) {
    return x.shape().rank() == 2 ? x : reshape(x, {x.shape()[0], product(x.shape(), 1, x.shape().rank())});
  };
  const MatmulOptions options{.transpose_a = call.integer("transA", 0) != 0,
                              .transpose_b = call.integer("transB", 0) != 0};
  call.ignore("broadcast");
  const double alpha = call.real("alpha", 1), beta = call.real("beta", 1);
  const Value a = flat(call.in(0)), b = flat(call.in(1));
  const DType dtype = a.dtype(), inner = is_float(dtype) ? dtype : DType::f64;
  Value y = matmul(cast(a, inner), cast(b, inner), options);
  if (alpha != 1) y = y * alpha;
  if (call.has(2)) {
    const Value c = cast(call.in(2), inner);
    y = y + (beta == 1 ? c : c * beta);
  }
  return {cast(y, dtype)};
}

}  // namespace

Value matrix_product(const Value& a, const Value& b) {
  require(a.shape().rank() >= 1 && b.shape().rank() >= 1, "a {} and b {} need an axis.", a.type().str(),
          b.type().str());
  const bool is_row = a.shape().rank() == 1, is_column = b.shape().rank() == 1;
  const DType dtype = a.dtype(), inner = is_float(dtype) ? dtype : DType::f64;
  Value y = matmul(cast(is_row ? with_axis(a, 0) : a, inner), cast(is_column ? with_axis(b, 1) : b, inner));
  std::vector<std::int64_t> extents = y.shape().list();
  if (is_column) extents.pop_back();
  if (is_row) extents.erase(extents.end() - (is_column ? 1 : 2));
  return cast(reshape(y, Shape(extents)), dtype);
}

std::vector<Converter> matrix_ops() { return {{"Gemm", general}, {"MatMul", product_of}}; }

}  // namespace gradus::io::onnx
