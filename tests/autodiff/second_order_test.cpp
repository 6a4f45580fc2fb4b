// Gradients of gradients and Hessian-vector products against explicit Hessians and differences.
#include <gtest/gtest.h>

#include <cmath>

#include "gradus/grad.h"
#include "gradus/ops.h"
#include "kernels/reference/run.h"
#include "support/evaluate.h"
#include "support/expect_error.h"

namespace gradus {
namespace {

constexpr DType kReal = DType::f64;

TEST(SecondOrder, ThirdDerivativeOfAPower) {
  Graph graph;
  const Value x = input(graph, {kReal, {}}, "x");
  Value d = x * x * x * x;
  for (const double expected : {4 * 8.0, 12 * 4.0, 24 * 2.0, 24.0}) {
    d = gradients(d, {x})[0];
    EXPECT_EQ(numbers(evaluate(d, {Tensor::scalar(2, kReal)})), (std::vector<double>{expected}));
  }
}

// y = x^T A x / 2 has the Hessian (A + A^T) / 2.
TEST(SecondOrder, HessianVectorProductOfAQuadratic) {
  constexpr std::int64_t n = 5;
  Graph graph;
  const Tensor a = random_tensor({kReal, {n, n}}, 1), v = random_tensor({kReal, {n, 1}}, 2);
  const Value x = input(graph, {kReal, {n, 1}}, "x");
  const Value y = 0.5 * sum(x * matmul(constant(graph, a), x));
  const Value hv = hessian_vector_product(y, {x}, {constant(graph, v)})[0];
  const auto product = numbers(evaluate(hv, {random_tensor({kReal, {n, 1}}, 3)}));
  for (std::int64_t i = 0; i < n; ++i) {
    double expected = 0;
    for (std::int64_t j = 0; j < n; ++j) expected += (a.at(i * n + j) + a.at(j * n + i)) / 2 * v.at(j);
    EXPECT_NEAR(product[static_cast<std::size_t>(i)], expected, 1e-14);
  }
}

// One step of the vector through all xs at once: H has blocks between them.
TEST(SecondOrder, HessianVectorProductHasMixedBlocks) {
  Graph graph;
  const Value a = input(graph, {kReal, {}}, "a"), b = input(graph, {kReal, {}}, "b");
  const Values hv =
      hessian_vector_product(a * a * b, {a, b}, {scalar(graph, 1, kReal), scalar(graph, 10, kReal)});
  const std::vector<Tensor> at = {Tensor::scalar(3, kReal), Tensor::scalar(5, kReal)};
  EXPECT_EQ(numbers(evaluate(hv[0], at)), (std::vector<double>{2 * 5 + 10 * 2 * 3}));  // 2b va + 2a vb
  EXPECT_EQ(numbers(evaluate(hv[1], at)), (std::vector<double>{2 * 3}));               // 2a va
}

// (g(x + h v) - g(x - h v)) / 2h for a small network.
TEST(SecondOrder, HessianVectorProductOfANetworkAgreesWithDifferences) {
  Graph graph;
  const Value x = input(graph, {kReal, {4, 3}}, "x"), w = input(graph, {kReal, {3, 2}}, "w");
  const Value y = sum(square(tanh(matmul(x, w))));
  const Tensor v = random_tensor(w.type(), 6);
  const Value g = gradients(y, {w})[0], hv = hessian_vector_product(y, {w}, {constant(graph, v)})[0];
  const Tensor tx = random_tensor(x.type(), 4), tw = random_tensor(w.type(), 5);
  const auto product = numbers(evaluate(hv, {tx, tw}));
  constexpr double h = 1e-5;
  Tensor above = tw.clone(), below = tw.clone();
  for (std::int64_t i = 0; i < v.size(); ++i) {
    above.set(i, tw.at(i) + h * v.at(i));
    below.set(i, tw.at(i) - h * v.at(i));
  }
  const auto a = numbers(evaluate(g, {tx, above})), b = numbers(evaluate(g, {tx, below}));
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(product[i], (a[i] - b[i]) / (2 * h), 1e-8);
}

TEST(SecondOrder, HessianOfALinearFunctionIsZero) {
  Graph graph;
  const Value x = input(graph, {kReal, {2}}, "x");
  const Value hv = hessian_vector_product(sum(x), {x}, {full(graph, x.type(), 1)})[0];
  EXPECT_EQ(numbers(evaluate(hv, {Tensor(x.type())})), (std::vector<double>{0, 0}));
}

TEST(SecondOrder, RefusesVectorsThatDoNotFit) {
  Graph graph;
  const Value x = input(graph, {kReal, {2}}, "x");
  expect_error([&] { hessian_vector_product(sum(x), {x}, {}); }, Fault::model,
               "hessian_vector_product: 1 xs but 0 vectors.");
  expect_error([&] { hessian_vector_product(sum(x), {x}, {scalar(graph, 1, kReal)}); }, Fault::model,
               "hessian_vector_product: vector 0 is f64[], its x is f64[2].");
  expect_error([&] { hessian_vector_product(sum(x), {}, {}); }, Fault::model,
               "hessian_vector_product: no xs were given.");
}

// The direction is taken as given, also where it was computed from x.
TEST(HessianVectorProduct, DoesNotDifferentiateItsDirection) {
  Graph graph;
  const Value x = input(graph, {DType::f64, {2}}, "x");
  const Value hv = hessian_vector_product(sum(x * x), {x}, {x})[0];
  const Tensor at = Tensor::of<double>({2}, {3.0, -1.0});
  const Tensor result =
      reference::run(graph, {hv}, reference::feed_inputs(graph, std::vector<Tensor>{at}))[0];
  EXPECT_EQ(result.at(0), 6.0);
  EXPECT_EQ(result.at(1), -2.0);
}

}  // namespace
}  // namespace gradus
