#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "data/augment.h"
#include "data/files.h"
#include "support/expect_error.h"

namespace gradus::data {
namespace {

constexpr std::int64_t kHeight = 6, kWidth = 5;

// Images of two channels whose pixels are all different and above 0: pixel p of image i is 1000 i + p + 1.
Dataset images(std::int64_t count) {
  Tensor x(DType::f64, Shape{count, 2, kHeight, kWidth});
  Tensor y(DType::i64, Shape{count});
  const std::int64_t size = 2 * kHeight * kWidth;
  for (std::int64_t i = 0; i < x.size(); ++i) x.set(i, static_cast<double>(i / size * 1000 + i % size + 1));
  for (std::int64_t i = 0; i < count; ++i) y.set(i, static_cast<double>(i % 3));
  return from_arrays(x, y);
}

// Row i of the data as epoch `epoch` sees it.
std::vector<Numbers> epoch_of(const Dataset& data, LoaderOptions options, std::int64_t epoch) {
  Loader loader(data, options);
  loader.seek(epoch, 0);
  std::vector<Numbers> rows;
  for (std::int64_t i = 0; i < loader.batches_per_epoch(); ++i) {
    const Batch& batch = loader.next();
    const Numbers all = list(batch.x);
    const std::size_t size = all.size() / static_cast<std::size_t>(batch.size);
    for (std::size_t first = 0; first < all.size(); first += size)
      rows.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(first),
                        all.begin() + static_cast<std::ptrdiff_t>(first + size));
  }
  return rows;
}

LoaderOptions in_order(const Augmentation& augmentation) {
  return {.batch_size = 64, .shuffle = false, .seed = 5, .dtype = DType::f64, .augmentation = augmentation};
}

double pixel(const Numbers& image, std::int64_t c, std::int64_t y, std::int64_t x) {
  return image[static_cast<std::size_t>((c * kHeight + y) * kWidth + x)];
}

TEST(Augmentation, ReadsWhatItWrites) {
  for (const char* text :
       {"none", "crop=4", "flip", "flip=0.25", "crop=4,flip,erase=0.25,cutout=8,mixup=0.2"})
    EXPECT_EQ(Augmentation::parse(text).str(), text);
  const Augmentation all = Augmentation::parse("mixup=0.2,flip,crop=4");
  EXPECT_EQ(all, (Augmentation{.crop = 4, .flip = 0.5, .mixup = 0.2}));
  EXPECT_EQ(Augmentation::parse(""), Augmentation());
  EXPECT_FALSE(Augmentation::parse("crop=0,flip=0").any());
}

TEST(Augmentation, RefusesBadTexts) {
  const auto refuses = [](const char* text, const char* message) {
    expect_error([&] { Augmentation::parse(text); }, Fault::usage, message);
  };
  refuses("crip=4",
          "augment: there is no 'crip'; there are crop, flip, erase, cutout, mixup. Did you mean 'crop'?");
  refuses("crop", "augment: crop needs whole pixels from 0 to 1024, as in crop=NUMBER.");
  refuses("crop=1.5", "augment: crop needs whole pixels from 0 to 1024, '1.5' was given.");
  refuses("crop=-1", "augment: crop needs whole pixels from 0 to 1024, '-1' was given.");
  refuses("flip=2", "augment: flip needs a probability from 0 to 1, '2' was given.");
  refuses("erase=nan", "augment: erase needs a probability from 0 to 1, 'nan' was given.");
  refuses("mixup=", "augment: mixup needs a number from 0 to 1000, '' was given.");
  refuses("flip,flip", "augment: flip is given twice.");
  refuses("flip,", "augment: there is no ''; there are crop, flip, erase, cutout, mixup.");
  expect_error(
      [] {
        Augmentation{.crop = 1}.require_fits(from_arrays(Tensor(DType::f64, Shape{1, 4}), {}), "csv:a");
      },
      Fault::data,
      "csv:a: crop, flip, erase and cutout need images [C, H, W], the examples are [4]. Leave --augment "
      "out.");
}

TEST(Augmentation, CropsMoveImagesWithinTheirPadding) {
  const Dataset data = images(200);
  const std::vector<Numbers> plain = epoch_of(data, in_order({}), 0);
  std::set<std::pair<std::int64_t, std::int64_t>> shifts;
  const std::vector<Numbers> cropped = epoch_of(data, in_order({.crop = 2}), 0);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    // The one shift of at most 2 pixels that explains every pixel of both channels.
    int found = 0;
    for (std::int64_t down = -2; down <= 2; ++down) {
      for (std::int64_t right = -2; right <= 2; ++right) {
        bool fits = true;
        for (std::int64_t p = 0; p < 2 * kHeight * kWidth; ++p) {
          const std::int64_t c = p / (kHeight * kWidth), y = p / kWidth % kHeight, x = p % kWidth;
          const std::int64_t from_y = y + down, from_x = x + right;
          const bool inside = from_y >= 0 && from_y < kHeight && from_x >= 0 && from_x < kWidth;
          fits = fits && pixel(cropped[i], c, y, x) == (inside ? pixel(plain[i], c, from_y, from_x) : 0);
        }
        if (!fits) continue;
        ++found;
        shifts.emplace(down, right);
      }
    }
    EXPECT_EQ(found, 1) << "image " << i;
  }
  EXPECT_EQ(shifts.size(), 25u) << "every shift is drawn";
}

TEST(Augmentation, CropsMayLeaveNothing) {
  const std::vector<Numbers> cropped = epoch_of(images(100), in_order({.crop = 50}), 0);
  const Numbers nothing(2 * kHeight * kWidth, 0);
  EXPECT_GT(std::count(cropped.begin(), cropped.end(), nothing), 50);
}

TEST(Augmentation, FlippingTwiceGivesTheImageBack) {
  Dataset data = images(40);
  const std::vector<Numbers> plain = epoch_of(data, in_order({}), 0);
  const std::vector<Numbers> flipped = epoch_of(data, in_order({.flip = 1}), 0);
  EXPECT_NE(flipped, plain);
  Loader once(data, in_order({.flip = 1}));
  const Tensor& x = once.next().x;
  data.x = x.cast(DType::f64);
  EXPECT_EQ(epoch_of(data, in_order({.flip = 1}), 0), plain);
}

TEST(Augmentation, FlipsTheShareItIsTold) {
  const Dataset data = images(4000);
  const std::vector<Numbers> plain = epoch_of(data, in_order({}), 0);
  const std::vector<Numbers> flipped = epoch_of(data, in_order({.flip = 0.3}), 0);
  int count = 0;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (plain[i] == flipped[i]) continue;
    ++count;
    EXPECT_EQ(pixel(flipped[i], 1, 2, 0), pixel(plain[i], 1, 2, kWidth - 1));
  }
  EXPECT_NEAR(count / 4000.0, 0.3, 4 * std::sqrt(0.3 * 0.7 / 4000));  // four deviations
}

TEST(Augmentation, CropsThenFlips) {
  const Dataset data = images(30);
  const std::vector<Numbers> cropped = epoch_of(data, in_order({.crop = 2}), 0);
  const std::vector<Numbers> both = epoch_of(data, in_order({.crop = 2, .flip = 1}), 0);
  for (std::size_t i = 0; i < cropped.size(); ++i)
    for (std::int64_t y = 0; y < kHeight; ++y)
      for (std::int64_t x = 0; x < kWidth; ++x)
        EXPECT_EQ(pixel(both[i], 1, y, x), pixel(cropped[i], 1, y, kWidth - 1 - x));
}

// The smallest box around what is 0 in a channel; it must be all 0.
Box erased_in(const Numbers& image, std::int64_t c) {
  std::int64_t top = kHeight, bottom = 0, left = kWidth, right = 0, zeros = 0;
  for (std::int64_t y = 0; y < kHeight; ++y) {
    for (std::int64_t x = 0; x < kWidth; ++x) {
      if (pixel(image, c, y, x) != 0) continue;
      ++zeros;
      top = std::min(top, y), bottom = std::max(bottom, y + 1);
      left = std::min(left, x), right = std::max(right, x + 1);
    }
  }
  if (zeros == 0) return {};
  EXPECT_EQ(zeros, (bottom - top) * (right - left)) << "a rectangle";
  return {top, left, bottom - top, right - left};
}

TEST(Augmentation, ErasesOneRectangleInAllChannels) {
  const Dataset data = images(2000);
  const std::vector<Numbers> plain = epoch_of(data, in_order({}), 0);
  const std::vector<Numbers> erased = epoch_of(data, in_order({.erase = 0.25}), 0);
  int count = 0;
  std::set<std::int64_t> tops, lefts;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const Box box = erased_in(erased[i], 0), other = erased_in(erased[i], 1);
    EXPECT_EQ(box.top, other.top);
    EXPECT_EQ(box.width, other.width);
    for (std::size_t p = 0; p < plain[i].size(); ++p)
      EXPECT_TRUE(erased[i][p] == plain[i][p] || erased[i][p] == 0);
    if (box.height == 0) continue;
    ++count;
    tops.insert(box.top), lefts.insert(box.left);
    // Half a pixel of rounding on each side.
    const auto h = static_cast<double>(box.height), w = static_cast<double>(box.width);
    EXPECT_LE((h - 0.5) * (w - 0.5), 0.4 * kHeight * kWidth);
    EXPECT_GE((h + 0.5) * (w + 0.5), 0.02 * kHeight * kWidth);
    EXPECT_LE((h - 0.5) / (w + 0.5), 1 / 0.3);
    EXPECT_GE((h + 0.5) / (w - 0.5), 0.3);
  }
  EXPECT_NEAR(count / 2000.0, 0.25, 4 * std::sqrt(0.25 * 0.75 / 2000));
  EXPECT_EQ(tops.size(), static_cast<std::size_t>(kHeight)) << "anywhere";
  EXPECT_EQ(lefts.size(), static_cast<std::size_t>(kWidth));
}

TEST(Augmentation, CutsOutASquareThatTheBorderMayCut) {
  std::map<std::pair<std::int64_t, std::int64_t>, int> sizes;
  for (const Numbers& image : epoch_of(images(500), in_order({.cutout = 3}), 0)) {
    const Box box = erased_in(image, 1);
    EXPECT_TRUE(box.height == 3 || (box.height == 2 && (box.top == 0 || box.top == kHeight - 2)));
    ++sizes[{box.height, box.width}];
  }
  EXPECT_EQ(sizes.size(), 4u) << "whole, cut at a side, cut at a corner";
}

TEST(Augmentation, FillsWithTheMeanOfNormalizedImages) {
  Dataset data = images(20);
  data.normalizer = Normalizer::fit(data.x);
  const std::vector<Numbers> plain = epoch_of(data, in_order({}), 0);
  int filled = 0;
  for (const Numbers& image : epoch_of(data, in_order({.cutout = 3}), 0))
    filled += static_cast<int>(std::count(image.begin(), image.end(), 0.0));
  for (const Numbers& image : plain) EXPECT_EQ(std::count(image.begin(), image.end(), 0.0), 0);
  EXPECT_GT(filled, 0);
}

TEST(Augmentation, IsAFunctionOfSeedEpochAndRow) {
  const Dataset data = images(50);
  const Augmentation augmentation = Augmentation::parse("crop=2,flip,erase=0.5,cutout=2,mixup=0.4");
  const std::vector<Numbers> first = epoch_of(data, in_order(augmentation), 0);
  const std::vector<Numbers> fourth = epoch_of(data, in_order(augmentation), 3);
  EXPECT_NE(first, fourth) << "each epoch sees other images";
  for (const std::int64_t size : {1, 7, 50}) {
    for (const int prefetch : {0, 1, 3}) {
      LoaderOptions options = in_order(augmentation);
      options.batch_size = size;
      options.prefetch = prefetch;
      EXPECT_EQ(epoch_of(data, options, 3), fourth) << size << " " << prefetch;
    }
  }
  LoaderOptions shuffled = in_order(augmentation);
  shuffled.shuffle = true;
  std::vector<Numbers> in_other_order = epoch_of(data, shuffled, 3), sorted = fourth;
  EXPECT_NE(in_other_order, fourth);
  std::sort(in_other_order.begin(), in_other_order.end());
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(in_other_order, sorted);
  LoaderOptions other = in_order(augmentation);
  other.seed = 6;
  EXPECT_NE(epoch_of(data, other, 3), fourth);
  // Seeking into the middle of an epoch, as a resumed run does.
  LoaderOptions options = in_order(augmentation);
  options.batch_size = 10;
  Loader loader(data, options);
  loader.seek(3, 2);
  const Numbers batch = list(loader.next().x);
  for (std::size_t i = 0; i < 10; ++i)
    EXPECT_TRUE(std::equal(fourth[20 + i].begin(), fourth[20 + i].end(),
                           batch.begin() + static_cast<std::ptrdiff_t>(60 * i)));
}

TEST(Mixup, MixesExamplesAndLabelsByTheSameShare) {
  // Example i has the value i and class i.
  const std::int64_t n = 30;
  Tensor x(DType::f64, Shape{n, 2}), y(DType::i64, Shape{n});
  for (std::int64_t i = 0; i < n; ++i) {
    x.set(2 * i, static_cast<double>(i));
    x.set(2 * i + 1, 1);
    y.set(i, static_cast<double>(i));
  }
  Dataset data = from_arrays(x, y);
  data.weight = Tensor(DType::f32, Shape{n});
  for (std::int64_t i = 0; i < n; ++i) data.weight.set(i, static_cast<double>(i + 1));
  EXPECT_EQ(target_type(data, {.mixup = 1}, DType::f32, 4), (Type{DType::f32, Shape{4, n}}));
  EXPECT_EQ(target_type(data, {}, DType::f32, 4), (Type{DType::i64, Shape{4}}));
  Loader loader(data, in_order({.mixup = 1}));
  const Batch& batch = loader.next();
  int mixed = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    double sum = 0, mean = 0;
    for (std::int64_t k = 0; k < n; ++k) {
      sum += batch.y.at(i * n + k);
      mean += batch.y.at(i * n + k) * static_cast<double>(k);
    }
    EXPECT_NEAR(sum, 1, 1e-12);
    EXPECT_NEAR(batch.x.at(2 * i), mean, 1e-12) << "x and y take one share";
    EXPECT_NEAR(batch.x.at(2 * i + 1), 1, 1e-12);
    EXPECT_NEAR(batch.weight.at(i), mean + 1, 1e-5);
    EXPECT_GT(batch.y.at(i * n + i), 0) << "its own share";
    mixed += batch.y.at(i * n + i) < 1;
  }
  EXPECT_GT(mixed, n / 2);
}

TEST(Mixup, MixesRealTargets) {
  const Tensor x = Tensor::of<double>(Shape{3, 1}, {0, 1, 2}),
               y = Tensor::of<double>(Shape{3, 2}, {0, 5, 1, 6, 2, 7});
  Loader loader(from_arrays(x, y), in_order({.mixup = 2}));
  const Batch& batch = loader.next();
  for (std::int64_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(batch.y.at(2 * i), batch.x.at(i), 1e-12);
    EXPECT_NEAR(batch.y.at(2 * i + 1), batch.x.at(i) + 5, 1e-12);
  }
}

TEST(Mixup, SharesFollowTheBetaDistribution) {
  // Beta(a, a): mean 1/2, variance 1 / (4 (2a + 1)); of a = 1 it is uniform.
  const std::int64_t n = 20000;
  for (const double a : {0.01, 0.2, 1.0, 4.0}) {
    double mean = 0, square = 0, fourth = 0;
    std::map<std::int64_t, int> partners;
    for (std::int64_t row = 0; row < n; ++row) {
      const Mix mix = draw_mix({.mixup = a}, 3, 1, row, 10);
      ASSERT_TRUE(mix.share >= 0 && mix.share <= 1);
      const double centred = mix.share - 0.5;
      mean += mix.share / n, square += centred * centred / n, fourth += std::pow(centred, 4) / n;
      ++partners[mix.partner];
    }
    const double variance = 1 / (4 * (2 * a + 1));
    EXPECT_NEAR(mean, 0.5, 4 * std::sqrt(variance / n)) << a;
    EXPECT_NEAR(square, variance, 4 * std::sqrt((fourth - variance * variance) / n)) << a;
    ASSERT_EQ(partners.size(), 10u);
    for (const auto& [partner, count] : partners)
      EXPECT_NEAR(count, n / 10.0, 4 * std::sqrt(n * 0.09)) << partner;
  }
}

}  // namespace
}  // namespace gradus::data
