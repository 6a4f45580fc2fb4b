// Random numbers: functions of counter and stream, with the right distribution.
#include "base/philox.h"
#include "base/streams.h"
#include "ops/evaluate.h"

namespace gradus {
namespace {

class RandomNumbers : public testing::Test {
 protected:
  Graph graph;
  Value counter(std::int64_t seed, std::int64_t step) {
    return constant(graph, Tensor::of<std::int64_t>({2}, {seed, step}));
  }
};

TEST_F(RandomNumbers, AreThoseOfTheSequence) {
  const RandomSequence random(5, stream::kGraph + 3, 11);
  const RandomOptions options{.shape = {2, 50}, .dtype = DType::f64, .stream = 3, .low = -1, .high = 0.5};
  const Numbers uniform = evaluate(random_uniform(counter(5, 11), options)),
                normal = evaluate(random_normal(counter(5, 11), options)),
                bernoulli = evaluate(random_bernoulli(counter(5, 11), options));
  for (std::size_t i = 0; i < uniform.size(); ++i) {
    EXPECT_EQ(uniform[i], -1 + 1.5 * random.uniform(i));
    EXPECT_EQ(normal[i], -1 + 0.5 * random.normal(i));
    EXPECT_EQ(bernoulli[i], random.uniform(i) < 0.5 ? 1 : 0);
  }
}

TEST_F(RandomNumbers, OfOnePrecisionAreTheOthersRounded) {
  const RandomOptions narrow{.shape = {100}}, wide{.shape = {100}, .dtype = DType::f64};
  for (auto* op : {random_uniform, random_normal}) {
    EXPECT_TRUE(evaluate_tensor(op(counter(1, 2), narrow))
                    .same_bits(evaluate_tensor(op(counter(1, 2), wide)).cast(DType::f32)));
  }
}

TEST_F(RandomNumbers, DependOnSeedStepAndStream) {
  const auto draw = [&](std::int64_t seed, std::int64_t step, std::int64_t stream) {
    return evaluate(random_uniform(counter(seed, step), {.shape = {4}, .stream = stream}));
  };
  EXPECT_EQ(draw(1, 2, 3), draw(1, 2, 3));
  EXPECT_NE(draw(1, 2, 3), draw(2, 2, 3));
  EXPECT_NE(draw(1, 2, 3), draw(1, 3, 3));
  EXPECT_NE(draw(1, 2, 3), draw(1, 2, 4));
}

// Half of these draws round up to the end of the range, which does not belong to it.
TEST_F(RandomNumbers, StayBelowTheEndInF32) {
  const Numbers drawn =
      evaluate(random_uniform(counter(0, 0), {.shape = {1000}, .low = 16777215, .high = 16777216}));
  for (const double x : drawn) EXPECT_EQ(x, 16777215);
  // 0.1 as a float is above 0.1.
  const Numbers tight =
      evaluate(random_uniform(counter(0, 0), {.shape = {1000}, .low = 0.09999999, .high = 0.1}));
  for (const double x : tight) EXPECT_LT(x, 0.1);
}

TEST_F(RandomNumbers, HaveTheRightMeanAndDeviation) {
  constexpr std::int64_t n = 100000;
  const auto expect_moments = [](const Numbers& x, double mean, double deviation) {
    double sum = 0, squares = 0;
    for (const double a : x) sum += a, squares += (a - mean) * (a - mean);
    const double error = deviation / std::sqrt(static_cast<double>(x.size()));
    EXPECT_NEAR(sum / static_cast<double>(x.size()), mean, 5 * error);
    EXPECT_NEAR(std::sqrt(squares / static_cast<double>(x.size())), deviation, 5 * error);
  };
  expect_moments(evaluate(random_uniform(counter(3, 0), {.shape = {n}, .low = -1, .high = 3})), 1,
                 4 / std::sqrt(12.0));
  expect_moments(evaluate(random_normal(counter(3, 0), {.shape = {n}, .low = 2, .high = 0.5})), 2, 0.5);
  expect_moments(evaluate(random_bernoulli(counter(3, 0), {.shape = {n}, .high = 0.2})), 0.2, 0.4);
  EXPECT_EQ(evaluate(random_bernoulli(counter(3, 0), {.shape = {3}, .high = 0})), (Numbers{0, 0, 0}));
  EXPECT_EQ(evaluate(random_bernoulli(counter(3, 0), {.shape = {3}, .high = 1})), (Numbers{1, 1, 1}));
}

}  // namespace
}  // namespace gradus
