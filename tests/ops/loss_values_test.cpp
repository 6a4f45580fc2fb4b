// Softmax and the losses against known numbers, far from 0 and at their kinks.
#include <limits>

#include "ops/evaluate.h"
#include "support/expect_error.h"

namespace gradus {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
// For logits (1, 2, 3): log sum exp, and the softmax.
constexpr double kLse = 3.4076059644443806;
const Numbers kSoft = {0.09003057317038046, 0.24472847105479767, 0.6652409557748219};

class Losses : public testing::Test {
 protected:
  Graph graph;
  Value v(const Numbers& list, DType dtype = DType::f64) { return numbers(graph, list, dtype); }
  Value rows(const Numbers& list, std::int64_t columns) { return numbers(graph, list, DType::f64, columns); }
};

TEST_F(Losses, SoftmaxIsShifted) {
  expect_numbers(softmax(v({1, 2, 3})), kSoft);
  expect_numbers(softmax(v({1001, 1002, 1003})), kSoft);
  expect_numbers(softmax(v({-1e300, 1e300})), {0, 1});
  expect_numbers(log_softmax(v({1, 2, 3})), {1 - kLse, 2 - kLse, 3 - kLse});
  expect_numbers(softmax(rows({1, 5, 2, 5, 3, 5}, 2), {.axis = 0}),
                 {kSoft[0], 1.0 / 3, kSoft[1], 1.0 / 3, kSoft[2], 1.0 / 3});
}

TEST_F(Losses, SoftmaxRulesOutMinusInfinity) {
  const Value x = v({1, -kInf, 2, 3});
  expect_numbers(softmax(x), {kSoft[0], 0, kSoft[1], kSoft[2]});
  expect_numbers(log_softmax(x), {1 - kLse, -kInf, 2 - kLse, 3 - kLse});
  expect_numbers(slope(softmax(x) * v({1, 5, 0, 0}), x),
                 {kSoft[0] * (1 - kSoft[0]), 0, -kSoft[0] * kSoft[1], -kSoft[0] * kSoft[2]}, 1e-13);
  const Value logits = rows({1, -kInf, 2, 3}, 4), labels = v({3}, DType::i64);
  const Value loss = softmax_cross_entropy(logits, labels);
  expect_numbers(loss, {kLse - 3});
  expect_numbers(slope(loss, logits), {kSoft[0], 0, kSoft[1], kSoft[2] - 1});
}

TEST_F(Losses, SoftmaxCrossEntropy) {
  const Value x = rows({1, 2, 3, 3, 2, 1}, 3);
  for (const DType dtype : {DType::i32, DType::i64}) {
    const Value labels = v({2, 1}, dtype);
    expect_numbers(softmax_cross_entropy(x, labels, {.reduction = Reduction::none}), {kLse - 3, kLse - 2});
    expect_numbers(softmax_cross_entropy(x, labels), {kLse - 2.5});
    expect_numbers(
        slope(softmax_cross_entropy(x, labels), x),
        {kSoft[0] / 2, kSoft[1] / 2, (kSoft[2] - 1) / 2, kSoft[2] / 2, (kSoft[1] - 1) / 2, kSoft[0] / 2});
  }
  expect_numbers(softmax_cross_entropy(x, rows({0, 0, 1, 0.5, 0.5, 0}, 3), {.reduction = Reduction::none}),
                 {kLse - 3, kLse - 2.5});
}

// (1 - s) (loss of the label) + s / K (sum of the losses of all classes).
TEST_F(Losses, LabelSmoothing) {
  const Value x = rows({1, 2, 3}, 3), labels = v({2}, DType::i64);
  const double expected = 0.9 * (kLse - 3) + 0.1 / 3 * (3 * kLse - 6);
  expect_numbers(softmax_cross_entropy(x, labels, {.label_smoothing = 0.1}), {expected});
  expect_numbers(softmax_cross_entropy(x, rows({0, 0, 1}, 3), {.label_smoothing = 0.1}), {expected});
}

TEST_F(Losses, ProbabilitiesNeedNotSumToOne) {
  const Value x = rows({1, 2, 3}, 3), t = rows({0.5, 0, 2}, 3);
  const Value loss = softmax_cross_entropy(x, t);
  expect_numbers(loss, {0.5 * (kLse - 1) + 2 * (kLse - 3)});
  expect_numbers(slope(loss, x), {2.5 * kSoft[0] - 0.5, 2.5 * kSoft[1], 2.5 * kSoft[2] - 2});
  expect_numbers(slope(loss, t), {kLse - 1, kLse - 2, kLse - 3});
}

TEST_F(Losses, SigmoidCrossEntropy) {
  const Value x = v({0, 1000, -1000, 1000}), t = v({1, 1, 1, 0});
  expect_numbers(sigmoid_cross_entropy(x, t, {.reduction = Reduction::none}),
                 {0.6931471805599453, 0, 1000, 1000});
  expect_numbers(sigmoid_cross_entropy(x, t), {2000.6931471805599453 / 4});
  expect_numbers(slope(sigmoid_cross_entropy(x, t), x), {-0.125, 0, -0.25, 0.25});
}

TEST_F(Losses, OfDifferences) {
  const Value y = v({3, 1, 0.5, -4}), t = v({1, 1, 1, 1});
  expect_numbers(mean_squared_error(y, t), {(4 + 0.25 + 25) / 4});
  expect_numbers(mean_squared_error(y, t, {.reduction = Reduction::none}), {4, 0, 0.25, 25});
  expect_numbers(mean_absolute_error(y, t), {(2 + 0.5 + 5) / 4});
  expect_numbers(slope(mean_absolute_error(y, t), y), {0.25, 0, -0.25, -0.25});
  expect_numbers(huber(y, t, {.delta = 2, .reduction = Reduction::none}), {2, 0, 0.125, 8});
  expect_numbers(huber(y, t), {(1.5 + 0.125 + 4.5) / 4});
  expect_numbers(slope(huber(y, t, {.delta = 2}), y), {0.5, 0, -0.125, -0.5});
}

TEST_F(Losses, ShapesMustBeEqual) {
  const Value y = rows({1, 2, 3}, 1), t = v({1, 2, 3});
  expect_error(
      [&] { mean_squared_error(y, t); }, Fault::model,
      "mean_squared_error: y f64[3, 1] and target f64[3] must have one type. cast() or reshape() one "
      "of them.");
  expect_error(
      [&] { mean_absolute_error(t, cast(t, DType::f32)); }, Fault::model,
      "mean_absolute_error: y f64[3] and target f32[3] must have one type. cast() or reshape() one of "
      "them.");
  expect_error([&] { huber(t, t, {.delta = 0}); }, Fault::model, "huber: delta must be positive, it is 0.");
}

}  // namespace
}  // namespace gradus
