#include <gtest/gtest.h>

#include <cmath>

#include "data/files.h"
#include "support/expect_error.h"

namespace gradus::data {
namespace {

TEST(Normalizer, TakesMeanAndDeviationOfEachChannel) {
  // Two images of two channels of 1 x 2 pixels.
  const Tensor x = Tensor::of<double>(Shape{2, 2, 1, 2}, {1, 2, 10, 10, 3, 4, 10, 30});
  const Normalizer fitted = Normalizer::fit(x);
  ASSERT_EQ(fitted.mean.size(), 2u);
  EXPECT_DOUBLE_EQ(fitted.mean[0], 2.5);
  EXPECT_DOUBLE_EQ(fitted.std[0], std::sqrt(1.25));
  EXPECT_DOUBLE_EQ(fitted.mean[1], 15);
  EXPECT_DOUBLE_EQ(fitted.std[1], std::sqrt(75.0));
}

TEST(Normalizer, CountsPixelsAsSharesAndOnlyCentresConstantChannels) {
  const Normalizer fitted = Normalizer::fit(Tensor::of<std::uint8_t>(Shape{2, 2, 1, 1}, {0, 51, 255, 51}));
  EXPECT_EQ(fitted.mean, (std::vector<double>{0.5, 51.0 / 255}));
  EXPECT_EQ(fitted.std, (std::vector<double>{0.5, 1}));
}

TEST(Normalizer, IsAppliedByTheLoaderToAnyDtype) {
  const Tensor pixels = Tensor::of<std::uint8_t>(Shape{2, 2, 1, 2}, {0, 255, 51, 51, 102, 204, 153, 51});
  for (const DType source : {DType::u8, DType::f32, DType::f64}) {
    Tensor x = pixels;
    if (source != DType::u8) {
      x = Tensor(source, pixels.shape());
      for (std::int64_t i = 0; i < x.size(); ++i) x.set(i, pixels.at(i) / 255);
    }
    Dataset data = from_arrays(x, Tensor());
    data.normalizer = Normalizer::fit(data.x);
    for (const DType target : {DType::f32, DType::f64}) {
      Loader loader(data, {.shuffle = false, .dtype = target});
      const Tensor batch = loader.next().x;
      for (std::int64_t i = 0; i < batch.size(); ++i) {
        const auto channel = static_cast<std::size_t>(i / 2 % 2);
        const double expected =
            (pixels.at(i) / 255 - data.normalizer->mean[channel]) / data.normalizer->std[channel];
        EXPECT_NEAR(batch.at(i), expected, 1e-6) << i;
      }
    }
  }
}

TEST(Normalizer, TakesImagesWithoutTheirRows) {
  const Tensor x = Tensor::of<double>(Shape{1, 2, 2, 1}, {1, 3, 10, 30});
  Dataset images = from_arrays(x, Tensor()), rows = from_arrays(x.reshaped(Shape{1, 4}), Tensor());
  images.normalizer = rows.normalizer = Normalizer::fit(x);
  Loader of_images(images, {.dtype = DType::f64}), of_rows(rows, {.dtype = DType::f64});
  EXPECT_EQ(list(of_images.next().x), list(of_rows.next().x));
}

TEST(Normalizer, RefusesOtherShapes) {
  expect_error(
      [] {
        Normalizer::fit(Tensor(DType::f64, Shape{2, 3}));
      },
      Fault::data,
      "normalize: images x [N, C, H, W] were needed, x is f64[2, 3]. Other data take --standardize on.");
  expect_error(
      [] {
        Normalizer::fit(Tensor(DType::i64, Shape{1, 1, 2, 2}));
      },
      Fault::data, "normalize: x [N, C, H, W] must be u8, f32 or f64, it is i64[1, 1, 2, 2].");
  Dataset data = from_arrays(Tensor(DType::f64, Shape{1, 4}), Tensor());
  data.normalizer = Normalizer{{0, 0, 0}, {1, 1, 1}};
  expect_error([&] { Loader(data, {}); }, Fault::data,
               "normalize: images of 3 channels were needed, x is f64[1, 4].");
}

}  // namespace
}  // namespace gradus::data
