// Per-element ops against known numbers, and what they do at kinks and at the ends of their domains.
#include <limits>

#include "ops/evaluate.h"
#include "support/expect_error.h"

namespace gradus {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kNan = std::nan("");

class Elementwise : public testing::Test {
 protected:
  Graph graph;
  Value v(const Numbers& list, DType dtype = DType::f64) { return numbers(graph, list, dtype); }
};

TEST_F(Elementwise, Functions) {
  expect_numbers(neg(v({2, -3})), {-2, 3});
  expect_numbers(exp(v({1, -kInf, kInf})), {2.718281828459045, 0, kInf});
  expect_numbers(log(v({10, 0, -1})), {2.302585092994046, -kInf, kNan});
  expect_numbers(log1p(v({1e-10, -1})), {9.999999999500001e-11, -kInf});
  expect_numbers(sqrt(v({9, 0, -1})), {3, 0, kNan});
  expect_numbers(rsqrt(v({16, 0})), {0.25, kInf});
  expect_numbers(square(v({-3})), {9});
  expect_numbers(abs(v({-3, 0, kNan})), {3, 0, kNan});
  expect_numbers(sign(v({-3, 0, 7, kNan})), {-1, 0, 1, kNan});
  expect_numbers(erf(v({0.5, -kInf})), {0.5204998778130465, -1});
  expect_numbers(sin(v({1})), {0.8414709848078965});
  expect_numbers(cos(v({1})), {0.5403023058681398});
  expect_numbers(tanh(v({0.5, 1000})), {0.46211715726000974, 1});
  expect_numbers(sigmoid(v({1, -1000, 1000})), {0.7310585786300049, 0, 1});
  expect_numbers(is_finite(v({1, kInf, kNan})), {1, 0, 0});
}

TEST_F(Elementwise, Activations) {
  expect_numbers(relu(v({-1, 2, kNan})), {0, 2, kNan});
  expect_numbers(leaky_relu(v({-2, 3})), {-0.02, 3});
  expect_numbers(elu(v({-1, 3}), {.alpha = 2}), {2 * -0.6321205588285577, 3});
  expect_numbers(softplus(v({1, 1000, -1000})), {1.3132616875182228, 1000, 0});
  expect_numbers(softplus(v({0.5}), {.beta = 2}), {1.3132616875182228 / 2});
  expect_numbers(selu(v({-1, 2})), {-1.1113307378125625, 2.101401974710961});
  expect_numbers(gelu(v({1, -1, 0})), {0.8413447460685429, -0.15865525393145707, 0}, 1e-13);
  expect_numbers(silu(v({1, -1})), {0.7310585786300049, -0.2689414213699951});
  expect_numbers(clip(v({-2, 0.5, 9, kNan}), {.low = -1, .high = 1}), {-1, 0.5, 1, kNan});
}

TEST_F(Elementwise, ArithmeticAndNumbers) {
  const Value a = v({6, 1}), b = v({4, 2});
  expect_numbers(a - b, {2, -1});
  expect_numbers(a / b, {1.5, 0.5});
  expect_numbers(-a, {-6, -1});
  expect_numbers(a - 1, {5, 0});
  expect_numbers(1 - a, {-5, 0});
  expect_numbers(a / 2, {3, 0.5});
  expect_numbers(3 / a, {0.5, 3});
  expect_numbers(pow(a, b), {1296, 1});
  expect_numbers(v({1, -1, 0}) / v({0, 0, 0}), {kInf, -kInf, kNan});
  expect_numbers(v({5, 3}, DType::i64) - v({7, 1}, DType::i64), {-2, 2});
  EXPECT_EQ((v({1}, DType::f32) - 1).dtype(), DType::f32);
}

TEST_F(Elementwise, ComparisonsAndLogic) {
  const Value a = v({1, 2, 3, kNan}), b = v({2, 2, 2, 2});
  expect_numbers(equal(a, b), {0, 1, 0, 0});
  expect_numbers(not_equal(a, b), {1, 0, 1, 1});
  expect_numbers(less(a, b), {1, 0, 0, 0});
  expect_numbers(less_equal(a, b), {1, 1, 0, 0});
  expect_numbers(greater(a, b), {0, 0, 1, 0});
  expect_numbers(greater_equal(a, b), {0, 1, 1, 0});
  const Value p = v({0, 0, 1, 1}, DType::boolean), q = v({0, 1, 0, 1}, DType::boolean);
  expect_numbers(logical_and(p, q), {0, 0, 0, 1});
  expect_numbers(logical_or(p, q), {0, 1, 1, 1});
  expect_numbers(logical_not(p), {1, 1, 0, 0});
  expect_numbers(select(p, a, scalar(graph, 9, DType::f64)), {9, 9, 3, kNan});
}

TEST_F(Elementwise, TiesAndNanInMaximumAndMinimum) {
  const Value a = v({1, 2, kNan, 5}), b = v({2, 2, 2, kNan});
  expect_numbers(maximum(a, b), {2, 2, kNan, kNan});
  expect_numbers(minimum(a, b), {1, 2, kNan, kNan});
  const Value x = v({1, 2, 3}), y = v({2, 2, 2});
  expect_numbers(slope(maximum(x, y), x), {0, 0.5, 1});
  expect_numbers(slope(maximum(x, y), y), {1, 0.5, 0});
  expect_numbers(slope(minimum(x, y), x), {1, 0.5, 0});
  expect_numbers(slope(minimum(x, y), y), {0, 0.5, 1});
}

TEST_F(Elementwise, GradientsAtKinks) {
  const Value x = v({-1, 0, 1});
  expect_numbers(slope(abs(x), x), {-1, 0, 1});
  expect_numbers(slope(sign(x), x), {0, 0, 0});
  expect_numbers(slope(relu(x), x), {0, 0, 1});
  expect_numbers(slope(leaky_relu(x, {.slope = 0.25}), x), {0.25, 0.25, 1});
  expect_numbers(slope(elu(x, {.alpha = 2}), x), {2 * 0.36787944117144233, 2, 1});
  expect_numbers(slope(clip(x, {.low = -1, .high = 0}), x), {1, 1, 0});
}

// Where a^b is differentiable, so are its gradients: nothing turns into NaN on the way.
TEST_F(Elementwise, PowAtZero) {
  const Value a = v({0, 0, 0, 0, 2}), b = v({0, 1, 2, 3, 0});
  const Value y = pow(a, b), da = slope(y, a), db = slope(y, b);
  expect_numbers(y, {1, 0, 0, 0, 1});
  expect_numbers(da, {0, 1, 0, 0, 0});
  expect_numbers(db, {0, 0, 0, 0, 0.6931471805599453});
  expect_numbers(slope(da, a), {0, 0, 2, 0, 0});
  const Value base = v({2}), zero = v({0});
  expect_numbers(slope(slope(pow(base, zero), base), zero), {0.5});  // d/db (b a^(b-1)) at b = 0
  const Value negative = v({-2, -2});
  expect_numbers(slope(pow(negative, v({3, -1})), negative), {12, -0.25});
}

TEST_F(Elementwise, SqrtAtZeroHasAnInfiniteGradient) {
  const Value x = v({0, 4});
  expect_numbers(slope(sqrt(x), x), {kInf, 0.25});
}

// Both sides are computed; what is not chosen must not leak through 0 * inf.
TEST_F(Elementwise, SelectKeepsTheOtherSideOut) {
  const Value x = v({0, 4}), zero = v({0, 0});
  const Value safe = select(greater(x, zero), x, v({1, 1}));
  expect_numbers(slope(select(greater(x, zero), sqrt(safe), zero), x), {0, 0.25});
}

TEST_F(Elementwise, ActivationsDoNotOverflowFarOut) {
  const Value x = v({-1e4, 1e4}, DType::f32);
  for (const Value& y : {elu(x), softplus(x), sigmoid(x), tanh(x), selu(x), gelu(x), silu(x)}) {
    SCOPED_TRACE(y.node().where());
    for (const double number : evaluate(y)) EXPECT_TRUE(std::isfinite(number));
    const Value dx = slope(y, x);
    for (const double number : evaluate(dx)) EXPECT_TRUE(std::isfinite(number));
    for (const double number : evaluate(slope(dx, x))) EXPECT_TRUE(std::isfinite(number));
  }
}

TEST_F(Elementwise, CastSaturates) {
  const Value x = v({-1.7, 1.7, 300, kNan, kInf, -kInf});
  expect_numbers(cast(x, DType::u8), {0, 1, 255, 0, 255, 0});
  expect_numbers(cast(x, DType::i32), {-1, 1, 300, 0, 2147483647, -2147483648.0});
  EXPECT_EQ(evaluate_tensor(cast(x, DType::i64)).values<std::int64_t>()[4],
            std::numeric_limits<std::int64_t>::max());
  expect_numbers(cast(v({0, 0.5, kNan}), DType::boolean), {0, 1, 1});
  expect_numbers(cast(v({0, 1}, DType::boolean), DType::f32), {0, 1});
  expect_numbers(slope(cast(x, DType::f32), x), {1, 1, 1, 1, 1, 1});
  EXPECT_EQ(slope(cast(x, DType::f32), x).dtype(), DType::f64);
  EXPECT_EQ(cast(x, DType::f64), x);
}

TEST_F(Elementwise, NoGradientPasses) {
  const Value x = v({1, 2});
  for (const Value& y : {stop_gradient(x), cast(cast(x, DType::i64), DType::f64)}) {
    expect_error([&] { gradients(sum(y), {x}); }, Fault::model,
                 "gradients: y does not depend on constant %0 (f64[2]) through differentiable ops. Leave it "
                 "out, or ask for zeros.");
  }
  expect_numbers(slope(x * stop_gradient(x), x), {1, 2});
}

}  // namespace
}  // namespace gradus
