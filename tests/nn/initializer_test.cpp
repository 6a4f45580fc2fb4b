// Initializers: variances by their formulas, orthogonality, determinism, texts.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "gradus/nn.h"
#include "support/expect_error.h"

namespace gradus::nn {
namespace {

Tensor drawn(const Initializer& init, const Shape& shape, DType dtype = DType::f64, std::uint64_t seed = 1,
             std::uint32_t number = 0) {
  const Tensor weight(dtype, shape);
  init.fill(weight, seed, number);
  return weight;
}

struct Moments {
  double mean = 0, variance = 0, largest = 0;
};

Moments moments(const Tensor& weight) {
  Moments m;
  const auto n = static_cast<double>(weight.size());
  for (const double x : weight.values<double>())
    m.mean += x / n, m.largest = std::max(m.largest, std::abs(x));
  for (const double x : weight.values<double>()) m.variance += (x - m.mean) * (x - m.mean) / n;
  return m;
}

// 60000 numbers: the variance of a sample lies within 3 % of the true one by more than 5 deviations, the
// mean within 0.025 deviations by more than 6.
void expect_variance(const Initializer& init, const Shape& shape, double variance) {
  const Moments m = moments(drawn(init, shape));
  EXPECT_NEAR(m.variance, variance, 0.03 * variance) << init.str();
  EXPECT_NEAR(m.mean, 0, 0.025 * std::sqrt(variance)) << init.str();
  if (init.str().find("uniform") != std::string::npos)
    EXPECT_LE(m.largest, std::sqrt(3 * variance)) << init.str();
  else
    EXPECT_GT(m.largest, std::sqrt(9 * variance)) << init.str();
}

TEST(Initializer, VariancesFollowTheFans) {
  const Shape shape = {200, 300};  // fan_in 300, fan_out 200
  expect_variance(Initializer::uniform_fan_in(), shape, 1.0 / 3 / 300);
  expect_variance(Initializer::glorot_uniform(), shape, 2.0 / 500);
  expect_variance(Initializer::glorot_normal(), shape, 2.0 / 500);
  expect_variance(Initializer::he_uniform(), shape, 2.0 / 300);
  expect_variance(Initializer::he_normal(), shape, 2.0 / 300);
  expect_variance(Initializer::lecun_uniform(), shape, 1.0 / 300);
  expect_variance(Initializer::lecun_normal(), shape, 1.0 / 300);
  expect_variance(Initializer::uniform(-0.3, 0.3), shape, 0.03);
  expect_variance(Initializer::normal(0, 0.02), shape, 0.0004);
}

TEST(Initializer, FansOfConvolutionsCountTheWindow) {
  const Shape shape = {50, 100, 3, 4};  // fan_in 1200, fan_out 600
  expect_variance(Initializer::he_normal(), shape, 2.0 / 1200);
  expect_variance(Initializer::glorot_uniform(), shape, 2.0 / 1800);
}

TEST(Initializer, ConstantsAreConstant) {
  EXPECT_EQ(moments(drawn(Initializer::constant(0.25), {8})).mean, 0.25);
  EXPECT_EQ(moments(drawn(Initializer::zeros(), {7})).largest, 0);
  EXPECT_NEAR(moments(drawn(Initializer::normal(5, 0), {7})).mean, 5, 1e-14);
}

TEST(Initializer, OrthogonalRowsOrColumnsAreOrthonormal) {
  for (const Shape& shape : {Shape{5, 9}, Shape{9, 5}, Shape{6, 6}, Shape{4, 2, 3, 3}, Shape{1, 1}}) {
    const double gain = 1.5;
    const Tensor w = drawn(Initializer::orthogonal(gain), shape);
    const std::int64_t rows = shape[0], columns = w.size() / rows;
    const auto at = [&](std::int64_t i, std::int64_t j) {
      return rows <= columns ? w.at(i * columns + j) : w.at(j * columns + i);
    };
    for (std::int64_t a = 0; a < std::min(rows, columns); ++a) {
      for (std::int64_t b = 0; b <= a; ++b) {
        double product = 0;
        for (std::int64_t k = 0; k < std::max(rows, columns); ++k) product += at(a, k) * at(b, k);
        EXPECT_NEAR(product, a == b ? gain * gain : 0, 1e-13) << shape.str() << " " << a << " " << b;
      }
    }
  }
}

TEST(Initializer, IsAFunctionOfSeedAndNumber) {
  const auto init = Initializer::he_normal();
  const Tensor first = drawn(init, {3, 4});
  EXPECT_TRUE(first.same_bits(drawn(init, {3, 4})));
  EXPECT_FALSE(first.same_bits(drawn(init, {3, 4}, DType::f64, 2)));
  EXPECT_FALSE(first.same_bits(drawn(init, {3, 4}, DType::f64, 1, 1)));
  EXPECT_TRUE(first.cast(DType::f32).same_bits(drawn(init, {3, 4}, DType::f32)));
}

TEST(Initializer, TextsReadBack) {
  for (const Initializer& init :
       {Initializer::zeros(), Initializer::constant(0.1), Initializer::uniform(-1, 2),
        Initializer::normal(0, 0.5), Initializer::uniform_fan_in(), Initializer::orthogonal(2),
        Initializer::lecun_normal()}) {
    EXPECT_EQ(Initializer::parse(init.str()), init) << init.str();
  }
  EXPECT_EQ(Initializer::parse("orthogonal"), Initializer::orthogonal());
  EXPECT_EQ(Initializer::parse("normal:std=2").str(), "normal:mean=0,std=2");
  EXPECT_EQ(Initializer::names().size(), 12u);
  EXPECT_FALSE(Initializer::he_uniform() == Initializer::he_normal());
}

TEST(Initializer, Refusals) {
  expect_error([] { Initializer::parse("he_unifrom"); }, Fault::model,
               "initializer 'he_unifrom': there is no such initializer. Did you mean 'he_uniform'? Known are "
               "zeros, constant, uniform, normal, uniform_fan_in, glorot_uniform, glorot_normal, he_uniform, "
               "he_normal, lecun_uniform, lecun_normal, orthogonal.");
  expect_error([] { Initializer::parse("constant"); }, Fault::model,
               "initializer 'constant': constant needs value=NUMBER.");
  expect_error([] { Initializer::parse("zeros:value=1"); }, Fault::model,
               "initializer 'zeros:value=1': zeros takes no 'value'.");
  expect_error([] { Initializer::parse("constant:value=x"); }, Fault::model,
               "initializer 'constant:value=x': value must be a number, got 'x'.");
  expect_error([] { Initializer::parse("uniform:low=2,high=1"); }, Fault::model,
               "initializer uniform: low <= high was needed, got 2 and 1.");
  expect_error([] { Initializer::normal(0, -1); }, Fault::model,
               "initializer normal: std >= 0 was needed, got -1.");
  expect_error([] { drawn(Initializer::he_uniform(), {5}); }, Fault::model,
               "initializer he_uniform: a weight of two or more axes was needed, got f64[5]. Use zeros, "
               "constant, uniform or normal.");
  expect_error([] { drawn(Initializer::zeros(), {5}, DType::i64); }, Fault::model,
               "initializer zeros: the weight must be f32 or f64, it is i64[5].");
}

}  // namespace
}  // namespace gradus::nn
