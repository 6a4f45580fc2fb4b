// What check_gradients compares, skips, reports and refuses.
#include <gtest/gtest.h>

#include <cmath>

#include "gradus/check.h"
#include "gradus/grad.h"
#include "gradus/ops.h"
#include "support/evaluate.h"
#include "support/expect_error.h"

namespace gradus {
namespace {

constexpr DType kReal = DType::f64;

Types infer(const NoOptions&, std::span<const Type> in) { return in[0]; }
void reference_square(const NoOptions&, std::span<const Tensor> in, std::span<const Tensor> out) {
  for (std::int64_t i = 0; i < in[0].size(); ++i) out[0].set(i, in[0].at(i) * in[0].at(i));
}
OpDef square_with(GradientRule::Single rule) {
  return define<NoOptions>({.name = "my_square",
                            .inputs = {"x"},
                            .kind = OpDef::elementwise,
                            .infer = infer,
                            .vjp = rule,
                            .reference = reference_square,
                            .doc = {}});
}

// x^2 with a gradient of 3 x.
const OpDef wrong_square =
    square_with([](const Node& n, const Value&, const Value& dy) -> Values { return {3.0 * n.in[0] * dy}; });
// x^2 with the right gradient, which counts as a constant.
const OpDef frozen_square = square_with([](const Node& n, const Value&, const Value& dy) -> Values {
  return {2.0 * stop_gradient(n.in[0]) * dy};
});

TEST(CheckGradients, PassesACorrectComposition) {
  Graph graph;
  const Value x = input(graph, {kReal, {4, 3}}, "x"), w = input(graph, {kReal, {3, 2}}, "w");
  const Value y = softmax(tanh(matmul(x, w)));
  const GradientCheck check =
      check_gradients(y, {x, w}, std::vector{random_tensor(x.type(), 1), random_tensor(w.type(), 2)});
  EXPECT_TRUE(check.passed()) << check.summary();
  EXPECT_EQ(check.checked, 18);
  EXPECT_LT(check.worst, 1e-8);
  EXPECT_TRUE(check.kinks.empty());
}

TEST(CheckGradients, ReportsTheWrongElement) {
  Graph graph;
  const Value x = input(graph, {kReal, {2, 2}}, "x");
  const Value y = graph.add(wrong_square, NoOptions{}, {x});
  const GradientCheck check = check_gradients(y, {x}, std::vector{Tensor::of<double>({2, 2}, {0, 0, 0, 2})});
  EXPECT_FALSE(check.passed());
  EXPECT_NEAR(check.worst, 1.0 / 3, 1e-9);  // 2 x against 3 x, relative to the larger
  EXPECT_TRUE(check.where.starts_with("input 'x' [1, 1]: analytic ")) << check.where;
  EXPECT_TRUE(
      check.summary().starts_with("gradients DIFFER: 4 numbers checked, worst error 3.33e-01 (tolerance "
                                  "1e-06), at input 'x' [1, 1]: analytic "))
      << check.summary();
}

TEST(CheckGradients, FindsAGradientThatIsMissing) {
  Graph graph;
  const Value x = input(graph, {kReal, {3}}, "x");
  const GradientCheck check =
      check_gradients(stop_gradient(x * x), {x}, std::vector{random_tensor(x.type(), 1)});
  EXPECT_NEAR(check.worst, 1, 1e-9);
}

TEST(CheckGradients, FindsNumbersThatAreNotFinite) {
  Graph graph;
  const Value x = input(graph, {kReal, {2}}, "x");
  const GradientCheck check = check_gradients(log(x), {x}, std::vector{Tensor::of<double>({2}, {1, -1})});
  EXPECT_FALSE(check.passed());
  EXPECT_TRUE(std::isinf(check.worst));
}

TEST(CheckGradients, SkipsAndNamesKinks) {
  Graph graph;
  const Value x = input(graph, {kReal, {4}}, "x");
  Value y;
  {
    const Graph::Scope scope(graph, "layers.1");
    y = relu(x).named("r");
  }
  const GradientCheck check =
      check_gradients(y, {x}, std::vector{Tensor::of<double>({4}, {-1, 2, 3e-5, 1e-9})});
  EXPECT_TRUE(check.passed()) << check.summary();
  EXPECT_EQ(check.checked, 3);  // 3e-5 is further from the kink than the smaller step
  EXPECT_EQ(
      check.kinks,
      (std::vector<std::string>{"input 'x' [3]: relu 'r' in layers.1, element 3, within 6e-06 of its kink"}));
}

TEST(CheckGradients, DoesNotPassWhereNothingWasCompared) {
  Graph graph;
  const Value x = input(graph, {kReal, {1}}, "x");
  const GradientCheck check = check_gradients(relu(x), {x}, std::vector{Tensor::of<double>({1}, {0})});
  EXPECT_EQ(check.checked, 0);
  EXPECT_FALSE(check.passed());
}

TEST(CheckGradients, SamplesBigInputsAndLooksAlongDirections) {
  Graph graph;
  const Value x = input(graph, {kReal, {50, 20}}, "x");
  const std::vector<Tensor> at = {random_tensor(x.type(), 1)};
  const CheckOptions options = {.every_element = 10, .sample = 7, .directions = 3};
  const GradientCheck good = check_gradients(sum(sin(x)), {x}, at, options);
  EXPECT_TRUE(good.passed()) << good.summary();
  EXPECT_EQ(good.checked, 10);

  // A fault in one element in a thousand, found by the directions alone.
  const Tensor mask(x.type());
  mask.set(345, 1);
  const Value m = constant(graph, mask), one = sum(graph.add(wrong_square, NoOptions{}, {x * m}));
  const GradientCheck bad =
      check_gradients(one, {x}, at, {.every_element = 10, .sample = 0, .directions = 1});
  EXPECT_FALSE(bad.passed()) << bad.summary();
  EXPECT_TRUE(bad.where.starts_with("input 'x' along direction 0: ")) << bad.where;
}

TEST(CheckGradients, LeavesVariablesAsTheyAre) {
  Graph graph;
  const Variable w("w", {kReal, {3, 2}});
  w.set(random_tensor(w.type(), 1));
  const Tensor before = w.value().clone();
  const Value x = input(graph, {kReal, {5, 3}}, "x");
  const Value labels = input(graph, {DType::i64, {5}}, "labels");
  const Value loss = softmax_cross_entropy(matmul(x, read(graph, w)), labels);
  const std::vector<Tensor> at = {random_tensor(x.type(), 2), Tensor::of<std::int64_t>({5}, {0, 1, 1, 0, 1})};
  const GradientCheck check = check_gradients(loss, {read(graph, w), x}, at);
  EXPECT_TRUE(check.passed()) << check.summary();
  EXPECT_EQ(check.checked, 21);
  const GradientCheck second = check_second_order(loss, {read(graph, w), x}, at);
  EXPECT_TRUE(second.passed()) << second.summary();
  EXPECT_TRUE(w.value().same_bits(before));
}

// A loss of 1e-12 from logits of 40: what differences show is rounding, 1e-11, and gradients are 1e-12.
TEST(CheckGradients, TakesNoRoundingForAFault) {
  Graph graph;
  const Value x = input(graph, {kReal, {2, 3}}, "x"), labels = input(graph, {DType::i64, {2}}, "labels");
  const Value loss = softmax_cross_entropy(x, labels);
  const std::vector<Tensor> at = {Tensor::of<double>({2, 3}, {40.1, 11.3, 12.2, 7.7, 9.1, 36.9}),
                                  Tensor::of<std::int64_t>({2}, {0, 2})};
  ASSERT_GT(evaluate(loss, at).at(0), 1e-13);
  ASSERT_LT(evaluate(loss, at).at(0), 1e-11);
  const GradientCheck check = check_gradients(loss, {x}, at);
  EXPECT_TRUE(check.passed()) << check.summary();
  EXPECT_EQ(check.checked, 6);
}

// The same smallness, y = 1e-8 from numbers of 10, does not hide a gradient that is wrong.
TEST(CheckGradients, FindsAFaultBesideRounding) {
  Graph graph;
  const Value x = input(graph, {kReal, {2}}, "x");
  const std::vector<Tensor> at = {Tensor::of<double>({2}, {10.0001, 9.9998})};
  EXPECT_TRUE(check_gradients(square(x - 10.0), {x}, at).passed());
  const GradientCheck check = check_gradients(graph.add(wrong_square, NoOptions{}, {x - 10.0}), {x}, at);
  EXPECT_NEAR(check.worst, 1.0 / 3, 1e-6) << check.summary();
}

// A second derivative is wrong although the first is right.
TEST(CheckSecondOrder, SeesWhatTheFirstOrderDoesNot) {
  Graph graph;
  const Value x = input(graph, {kReal, {3}}, "x");
  const std::vector<Tensor> at = {random_tensor(x.type(), 1)};
  const Value y = graph.add(frozen_square, NoOptions{}, {x});
  EXPECT_TRUE(check_gradients(y, {x}, at).passed());
  EXPECT_FALSE(check_second_order(y, {x}, at).passed());
}

TEST(CheckGradients, RefusesWhatDifferencesCannotResolve) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {2}}, "x"), z = input(graph, {kReal, {2}}, "z");
  const std::vector<Tensor> at = {Tensor(x.type()), Tensor(z.type())};
  expect_error(
      [&] { check_gradients(sum(x), {x}, at); }, Fault::model,
      "check_gradients: y must be f64 for differences to mean anything, sum %2 is f32[]. Build the graph "
      "in f64.");
  expect_error(
      [&] { check_gradients(sum(cast(x, kReal)), {x}, at); }, Fault::model,
      "check_gradients: each x must be f64 for differences to mean anything, input 'x' is f32[2]. Build "
      "the graph in f64.");
  expect_error([&] { check_gradients(sum(z), {z}, std::vector{at[0]}); }, Fault::data,
               "run: the graph has 2 inputs, 1 tensors were given.");
}

}  // namespace
}  // namespace gradus
