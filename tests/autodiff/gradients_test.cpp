// gradients() against closed forms, and what it refuses.
#include <gtest/gtest.h>

#include <cmath>

#include "gradus/grad.h"
#include "gradus/ops.h"
#include "support/evaluate.h"
#include "support/expect_error.h"

namespace gradus {
namespace {

constexpr DType kReal = DType::f64;

Tensor vector_of(std::initializer_list<double> values) {
  return Tensor::of<double>({static_cast<std::int64_t>(values.size())}, values);
}

TEST(Gradients, OfAPolynomial) {
  Graph graph;
  const Value x = input(graph, {kReal, {3}}, "x");
  const Value y = sum(x * x * x - 2.0 * x);
  EXPECT_EQ(numbers(evaluate(gradients(y, {x})[0], {vector_of({0, 1, -2})})),
            (std::vector<double>{-2, 1, 10}));  // 3 x^2 - 2
}

TEST(Gradients, OfAComposition) {
  Graph graph;
  const Value x = input(graph, {kReal, {2}}, "x");
  const Value y = sum(sin(exp(x)));
  const auto dx = numbers(evaluate(gradients(y, {x})[0], {vector_of({0.5, -1})}));
  EXPECT_DOUBLE_EQ(dx[0], std::cos(std::exp(0.5)) * std::exp(0.5));
  EXPECT_DOUBLE_EQ(dx[1], std::cos(std::exp(-1.0)) * std::exp(-1.0));
}

TEST(Gradients, OfAProductOfMatrices) {
  Graph graph;
  const Value a = input(graph, {kReal, {2, 3}}, "a"), b = input(graph, {kReal, {3, 2}}, "b");
  const auto g = gradients(sum(matmul(a, b)), {a, b});
  const Tensor ta = Tensor::of<double>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor tb = Tensor::of<double>({3, 2}, {1, 2, 3, 4, 5, 6});
  // da = 1 b^T: the row sums of b; db = a^T 1: the column sums of a
  EXPECT_EQ(numbers(evaluate(g[0], {ta, tb})), (std::vector<double>{3, 7, 11, 3, 7, 11}));
  EXPECT_EQ(numbers(evaluate(g[1], {ta, tb})), (std::vector<double>{5, 5, 7, 7, 9, 9}));
}

TEST(Gradients, OfSoftmaxCrossEntropyAreProbabilitiesMinusLabels) {
  Graph graph;
  const Value logits = input(graph, {kReal, {1, 2}}, "logits");
  const Value labels = input(graph, {DType::i64, {1}}, "labels");
  const Value loss = softmax_cross_entropy(logits, labels);
  const auto g = numbers(evaluate(gradients(loss, {logits})[0],
                                  {Tensor::of<double>({1, 2}, {1, 3}), Tensor::of<std::int64_t>({1}, {0})}));
  const double p = 1 / (1 + std::exp(2.0));
  EXPECT_NEAR(g[0], p - 1, 1e-15);
  EXPECT_NEAR(g[1], 1 - p, 1e-15);
}

TEST(Gradients, SumOverEveryUseOfAValue) {
  Graph graph;
  const Value x = input(graph, {kReal, {}}, "x");
  const Value twice = x + x;
  const Value y = twice * twice + x;  // 4 x^2 + x
  EXPECT_EQ(numbers(evaluate(gradients(y, {x})[0], {Tensor::scalar(3, kReal)})), (std::vector<double>{25}));
}

TEST(Gradients, OfAnXBetweenAnotherXAndY) {
  Graph graph;
  const Value x = input(graph, {kReal, {}}, "x");
  const Value h = x * x;
  const Value y = h * h;
  const Values g = gradients(y, {h, x});
  EXPECT_EQ(numbers(evaluate(g[0], {Tensor::scalar(2, kReal)})), (std::vector<double>{8}));   // 2 h
  EXPECT_EQ(numbers(evaluate(g[1], {Tensor::scalar(2, kReal)})), (std::vector<double>{32}));  // 4 x^3
}

TEST(Gradients, OfYWithRespectToItselfIsOne) {
  Graph graph;
  const Value x = input(graph, {kReal, {}}, "x");
  EXPECT_EQ(numbers(evaluate(gradients(x, {x})[0], {Tensor::scalar(5, kReal)})), (std::vector<double>{1}));
}

TEST(Gradients, SumStretchedAxes) {
  Graph graph;
  const Value row = input(graph, {kReal, {3}}, "row"), x = input(graph, {kReal, {2, 3}}, "x");
  const Value g = gradients(sum(row * x), {row})[0];
  EXPECT_EQ(g.type(), row.type());
  EXPECT_EQ(numbers(evaluate(g, {vector_of({1, 1, 1}), Tensor::of<double>({2, 3}, {1, 2, 3, 4, 5, 6})})),
            (std::vector<double>{5, 7, 9}));
}

TEST(Gradients, StartFromTheUpstreamGradient) {
  Graph graph;
  const Value x = input(graph, {kReal, {2}}, "x");
  const Value dy = input(graph, {kReal, {2}}, "dy");
  const Value g = gradients(x * x, {x}, {.upstream = dy})[0];
  EXPECT_EQ(numbers(evaluate(g, {vector_of({3, 4}), vector_of({10, -1})})), (std::vector<double>{60, -8}));
}

TEST(Gradients, OfVariablesTheGraphReads) {
  Graph graph;
  const Variable w("w", {kReal, {2}}), unread("unread", {kReal, {2}});
  w.set(vector_of({3, 4}));
  const Value y = sum(read(graph, w) * read(graph, w));
  EXPECT_EQ(numbers(evaluate(gradients(y, std::vector<Variable>{w})[0])), (std::vector<double>{6, 8}));
  expect_error(
      [&] { gradients(y, std::vector<Variable>{unread}); }, Fault::model,
      "gradients: y does not depend on variable 'unread' (f64[2]) through differentiable ops. Leave it "
      "out, or ask for zeros.");
}

TEST(Gradients, StopWhereTheyAreStopped) {
  Graph graph;
  const Value x = input(graph, {kReal, {}}, "x");
  const Value y = stop_gradient(x * x) * x;
  EXPECT_EQ(numbers(evaluate(gradients(y, {x})[0], {Tensor::scalar(3, kReal)})), (std::vector<double>{9}));
  expect_error(
      [&] { gradients(stop_gradient(x), {x}); }, Fault::model,
      "gradients: y does not depend on input 'x' (f64[]) through differentiable ops. Leave it out, or "
      "ask for zeros.");
}

TEST(Gradients, OfAnUnusedXAreZerosWhenAskedFor) {
  Graph graph;
  const Value x = input(graph, {kReal, {2}}, "x"), other = input(graph, {kReal, {3}}, "other");
  const Values g = gradients(sum(x), {x, other}, {.unused = GradientOptions::zeros});
  const std::vector<Tensor> fed = {vector_of({1, 2}), vector_of({1, 2, 3})};
  EXPECT_EQ(numbers(evaluate(g[0], fed)), (std::vector<double>{1, 1}));
  EXPECT_EQ(g[1].type(), other.type());
  EXPECT_EQ(numbers(evaluate(g[1], fed)), (std::vector<double>{0, 0, 0}));
}

TEST(Gradients, DoNotPassThroughComparisonsAndIntegers) {
  Graph graph;
  const Value x = input(graph, {kReal, {2}}, "x");
  const Value rounded = cast(cast(x, DType::i64), kReal);
  expect_error(
      [&] { gradients(sum(rounded), {x}); }, Fault::model,
      "gradients: y does not depend on input 'x' (f64[2]) through differentiable ops. Leave it out, or "
      "ask for zeros.");
}

TEST(Gradients, CarryTheScopeOfTheNodeTheyBelongTo) {
  Graph graph;
  const Value x = input(graph, {kReal, {}}, "x");
  Value y;
  {
    const Graph::Scope scope(graph, "layers.0");
    y = sin(x);
  }
  const Value g = gradients(y, {x})[0];
  EXPECT_EQ(g.node().scope, "layers.0");
  EXPECT_EQ(graph.scope(), "");
}

TEST(Gradients, RefuseWhatHasNone) {
  Graph graph, elsewhere;
  const Value x = input(graph, {kReal, {2}}, "x"), n = input(graph, {DType::i64, {}}, "n");
  const Value stranger = input(elsewhere, {kReal, {}}, "stranger");
  expect_error([&] { gradients(n, {x}); }, Fault::model,
               "gradients: y is i64[]; only f32 and f64 values have gradients.");
  expect_error([&] { gradients(x * x, {x}); }, Fault::model,
               "gradients: y f64[2] is no scalar. sum() or mean() it first, or give the upstream gradient.");
  expect_error([&] { gradients(x * x, {x}, {.upstream = n}); }, Fault::model,
               "gradients: the upstream gradient is i64[], y is f64[2].");
  expect_error([&] { gradients(sum(x), {stranger}); }, Fault::model,
               "gradients: an x belongs to another graph than y.");
  expect_error([&] { gradients(sum(x), {Value()}); }, Fault::model,
               "gradients: an x belongs to another graph than y.");
}

TEST(Gradients, LeaveTheForwardNodesAsTheyWere) {
  Graph graph;
  const Value x = input(graph, {kReal, {2}}, "x");
  const Value y = sum(exp(x));
  const std::size_t before = graph.nodes().size();
  gradients(y, {x});
  EXPECT_GT(graph.nodes().size(), before);
  EXPECT_EQ(y.node().in[0].node().op->name, "exp");
  EXPECT_EQ(graph.inputs().size(), 1u);
}

}  // namespace
}  // namespace gradus
