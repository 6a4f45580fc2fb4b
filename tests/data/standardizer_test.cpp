#include <gtest/gtest.h>

#include <cmath>

#include "data/files.h"
#include "support/expect_error.h"

namespace gradus::data {
namespace {

TEST(Standardizer, CentresAndScalesEachFeature) {
  const Tensor x = Tensor::of<double>(Shape{4, 2}, {1, 10, 2, 10, 3, 10, 4, 30});
  const Standardizer fitted = Standardizer::fit(x);
  EXPECT_DOUBLE_EQ(fitted.mean[0], 2.5);
  EXPECT_DOUBLE_EQ(fitted.std[0], std::sqrt(1.25));
  const Tensor z = fitted.apply(x);
  EXPECT_EQ(z.dtype(), DType::f64);
  EXPECT_DOUBLE_EQ(z.at(0), -1.5 / std::sqrt(1.25));
  EXPECT_DOUBLE_EQ(z.at(7), 15 / std::sqrt(75.0));
  EXPECT_EQ(fitted.apply(x.cast(DType::f32)).dtype(), DType::f32);
}

TEST(Standardizer, OnlyCentresConstantFeatures) {
  // The sum of six times 0.1 / 6 is not 0.1, which leaves a tiny deviation.
  const Standardizer fitted =
      Standardizer::fit(Tensor::of<double>(Shape{6, 1}, {0.1, 0.1, 0.1, 0.1, 0.1, 0.1}));
  EXPECT_EQ(fitted.mean[0], 0.1);
  EXPECT_EQ(fitted.std[0], 1.0);
  EXPECT_DOUBLE_EQ(fitted.apply(Tensor::of<double>(Shape{1, 1}, {2.1})).at(0), 2.0);
}

TEST(Standardizer, TakesHugeAndTinyColumns) {
  const Tensor x = Tensor::of<double>(Shape{3, 2}, {1e300, 1e-200, 1.5e300, 2e-200, 1.2e300, 3e-200});
  const Tensor z = Standardizer::fit(x).apply(x);
  for (const double value : list(z)) EXPECT_TRUE(std::isfinite(value));
}

TEST(Standardizer, CountsPixelsAsShares) {
  const Tensor x = Tensor::of<std::uint8_t>(Shape{2, 1, 1, 1}, {0, 255});
  const Standardizer fitted = Standardizer::fit(x);
  EXPECT_EQ(fitted.mean[0], 0.5);
  EXPECT_EQ(fitted.std[0], 0.5);
  EXPECT_EQ(list(fitted.apply(x)), (Numbers{-1, 1}));
  EXPECT_EQ(fitted.apply(x).type(), (Type{DType::f32, Shape{2, 1, 1, 1}}));
}

TEST(Standardizer, RefusesOtherShapes) {
  const Standardizer fitted = Standardizer::fit(Tensor(DType::f64, Shape{2, 3}));
  expect_error(
      [&] {
        fitted.apply(Tensor(DType::f64, Shape{2, 4}));
      },
      Fault::data, "standardize: examples of 3 elements were needed, x is f64[2, 4].");
  expect_error(
      [] {
        Standardizer::fit(Tensor(DType::f64, Shape{0, 3}));
      },
      Fault::data, "standardize: at least one row is needed, x is f64[0, 3].");
  expect_error(
      [] {
        Standardizer::fit(Tensor(DType::i64, Shape{1, 3}));
      },
      Fault::data, "standardize: x [N, ...] must be u8, f32 or f64, it is i64[1, 3].");
}

}  // namespace
}  // namespace gradus::data
