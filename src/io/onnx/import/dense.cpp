// Gemm, and MatMul with or without Add: dense. Products with matrices of means: adaptive_avg_pool2d.
#include "base/check.h"
#include "io/onnx/import/trail.h"
#include "ops/support/averages.h"

namespace gradus::io::onnx {
namespace {

Tensor transposed(const Tensor& matrix) {
  const std::int64_t rows = matrix.shape()[0], columns = matrix.shape()[1];
  Tensor result(DType::f32, {columns, rows});
  const auto from = matrix.values<const float>();
  const auto to = result.values<float>();
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      to[static_cast<std::size_t>(j * rows + i)] = from[static_cast<std::size_t>(i * columns + j)];
  return result;
}

// A bias of `units` numbers, or of one for all.
Tensor spread(const Tensor& bias, std::int64_t units) {
  require(bias.size() == units || bias.size() == 1, "its bias is {}, it has {} outputs.", bias.shape().str(),
          units);
  if (bias.size() == units) return bias.reshaped({units});
  Tensor result(DType::f32, {units});
  result.fill(bias.at(0));
  return result;
}

Piece dense(const Tensor& weight, const std::optional<Tensor>& bias, const Trail& at,
            const std::string& value) {
  const std::int64_t units = weight.shape()[0];
  require(weight.shape()[1] == at.example[0], "its weight takes {} features, the values are {}.",
          weight.shape()[1], at.example.str());
  Piece piece{.spec = {.kind = "dense", .options = {{.name = "units", .value = units}}},
              .weights = {weight},
              .value = value};
  if (bias)
    piece.weights.push_back(spread(*bias, units));
  else
    piece.spec.options.push_back({.name = "bias", .value = false});
  return piece;
}

std::optional<Piece> gemm(const Trail& at) {
  const std::optional<Step> step = at.only("Gemm");
  if (!step || at.example.rank() != 1) return {};
  const Attributes& attributes = step->attributes;
  require(attributes.real("alpha", 1) == 1 && (!step->has(2) || attributes.real("beta", 1) == 1),
          "its alpha and beta must be 1.");
  attributes.ignore("beta");
  attributes.ignore("broadcast");  // of opset 6 and before
  require(attributes.integer("transA", 0) == 0, "its transA must be 0: rows are examples.");
  Tensor weight = step->numbers(1, "weight");
  require(weight.shape().rank() == 2, "its weight must have two axes, it is {}.", weight.shape().str());
  if (attributes.integer("transB", 0) == 0) weight = transposed(weight);
  std::optional<Tensor> bias;
  if (step->has(2)) bias = step->numbers(2, "bias");
  return dense(weight, bias, at, at.after(*step).value);
}

std::optional<Piece> product(const Trail& at) {
  const std::optional<Step> step = at.only("MatMul");
  if (!step || at.example.rank() != 1) return {};
  const Tensor weight = step->numbers(1, "weight");
  require(weight.shape().rank() == 2, "its weight must have two axes, it is {}.", weight.shape().str());
  const Trail behind = at.after(*step);
  const std::int64_t units = weight.shape()[1];
  if (const auto add = behind.only_with_constant("Add")) {
    const Shape& shape = add->constant.shape();
    if (shape == Shape{units} || shape == Shape{1, units})
      return dense(transposed(weight), add->constant.cast(DType::f32), at, behind.after(add->step).value);
  }
  return dense(transposed(weight), {}, at, behind.value);
}

bool is_near(const Tensor& a, const Tensor& b) {
  if (!(a.shape() == b.shape())) return false;
  for (std::int64_t i = 0; i < a.size(); ++i)
    if (std::abs(a.at(i) - b.at(i)) > 1e-6) return false;
  return true;
}

// rows x columns^T, as adaptive_avg_pool2d is written where its windows overlap.
std::optional<Piece> means(const Trail& at) {
  const std::optional<Step> down = at.only("MatMul", 1);
  if (!down || at.example.rank() != 3 || down->constant(0) == nullptr) return {};
  const Trail behind = at.after(*down);
  const std::optional<Step> across = behind.only("MatMul");
  if (!across || across->constant(1) == nullptr) return {};
  const Tensor rows = down->numbers(0, "matrix"), columns = across->numbers(1, "matrix");
  if (rows.shape().rank() != 2 || columns.shape().rank() != 2) return {};
  const std::int64_t h = rows.shape()[0], w = columns.shape()[1];
  if (rows.shape() != Shape{h, at.example[1]} || columns.shape() != Shape{at.example[2], w}) return {};
  if (!is_near(rows, averages(h, at.example[1]))) return {};
  if (!is_near(transposed(columns), averages(w, at.example[2]))) return {};
  return Piece{.spec = {.kind = "adaptive_avg_pool2d",
                        .options = {{.name = "size", .value = std::vector<std::int64_t>{h, w}}}},
               .weights = {},
               .value = behind.after(*across).value};
}

}  // namespace

std::vector<Recogniser> dense_recognisers() {
  return {{"Gemm", gemm}, {"MatMul", product}, {"MatMul", means}};
}

}  // namespace gradus::io::onnx
