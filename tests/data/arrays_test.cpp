#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "data/files.h"
#include "support/expect_error.h"

namespace gradus::data {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Tensor inputs(std::int64_t rows) { return Tensor(DType::f64, Shape{rows, 2}); }

Tensor i64(std::initializer_list<std::int64_t> values) {
  return Tensor::of<std::int64_t>(Shape{static_cast<std::int64_t>(values.size())}, values);
}

Tensor f64(const Shape& shape, std::initializer_list<double> values) {
  return Tensor::of<double>(shape, values);
}

TEST(FromArrays, TakesIndicesOfAnyIntegerTypeAsGiven) {
  for (const DType dtype : {DType::u8, DType::i32, DType::i64}) {
    for (const Shape& shape : {Shape{4}, Shape{4, 1}}) {
      const Dataset data = from_arrays(inputs(4), i64({2, 0, 1, 2}).cast(dtype).reshaped(shape));
      EXPECT_EQ(data.kind, Kind::classes);
      EXPECT_EQ(data.y.type(), (Type{DType::i64, Shape{4}}));
      EXPECT_EQ(list(data.y), (Numbers{2, 0, 1, 2}));
      EXPECT_EQ(data.classes, 3);
      EXPECT_TRUE(data.labels.as_given());
    }
  }
  EXPECT_EQ(from_arrays(inputs(2), i64({0, 1}).cast(DType::boolean)).classes, 2);
}

TEST(FromArrays, NumbersOtherLabelsByValue) {
  EXPECT_EQ(list(from_arrays(inputs(3), i64({1, -1, 1})).y), (Numbers{1, 0, 1}));
  const Dataset data = from_arrays(inputs(4), i64({10, -1, 9, 10}));
  EXPECT_EQ(list(data.y), (Numbers{2, 0, 1, 2}));
  EXPECT_EQ(data.class_names, (Names{"-1", "9", "10"})) << "sorted as numbers, not as text";
}

TEST(FromArrays, ReadsLabelsTheWayTheyWereLearned) {
  const LabelMap minus_plus{{"-1", "1"}};
  EXPECT_EQ(list(from_arrays(inputs(2), i64({1, 1}), {.labels = minus_plus}).y), (Numbers{1, 1}));
  const Dataset as_given = from_arrays(inputs(2), i64({1, 4}), {.labels = LabelMap{}});
  EXPECT_EQ(list(as_given.y), (Numbers{1, 4}));
  EXPECT_EQ(as_given.classes, 5);
  expect_error(
      [&] {
        from_arrays(inputs(2), i64({1, 0}), {.where = "a.npz", .labels = minus_plus});
      },
      Fault::data, "a.npz: labels must be among '-1', '1', row 1 has '0'.");
  expect_error(
      [&] {
        from_arrays(inputs(2), i64({0, -1}), {.where = "a.npz", .labels = LabelMap{}});
      },
      Fault::data, "a.npz: labels must be class indices of 0 or more, row 1 has -1.");
  expect_error([&] { from_arrays(inputs(1), i64({1 << 24}), {.where = "a.npz", .labels = LabelMap{}}); },
               Fault::data, "a.npz: class indices must be below 16777216, row 0 has 16777216.");
}

TEST(FromArrays, KnowsMultiLabelAndRealTargets) {
  const Tensor bits = Tensor::of<std::uint8_t>(Shape{2, 3}, {1, 0, 1, 0, 0, 1});
  const Dataset several = from_arrays(inputs(2), bits);
  EXPECT_EQ(several.kind, Kind::multi_label);
  EXPECT_EQ(several.classes, 3);
  EXPECT_EQ(several.y.type(), (Type{DType::f64, Shape{2, 3}}));
  EXPECT_EQ(from_arrays(inputs(2), bits.cast(DType::f32)).kind, Kind::real);
  EXPECT_EQ(from_arrays(inputs(2), bits.cast(DType::f32), {.targets = Targets::multi_label}).kind,
            Kind::multi_label);
  const Dataset real = from_arrays(inputs(2), i64({3, 4}), {.targets = Targets::real});
  EXPECT_EQ(real.kind, Kind::real);
  EXPECT_EQ(real.y.type(), (Type{DType::f64, Shape{2}}));
  EXPECT_EQ(from_arrays(inputs(2), f64(Shape{2, 1}, {0, 1})).y.shape(), (Shape{2, 1}));
}

TEST(FromArrays, TakesClassProbabilities) {
  const ArrayOptions options{.where = "a.npz", .targets = Targets::probabilities};
  const Dataset data = from_arrays(inputs(2), f64(Shape{2, 2}, {0.25, 0.75, 1, 0}), options);
  EXPECT_EQ(data.kind, Kind::probabilities);
  EXPECT_EQ(data.classes, 2);
  EXPECT_EQ(list(data.y), (Numbers{0.25, 0.75, 1, 0}));
  expect_error(
      [&] {
        from_arrays(inputs(2), f64(Shape{2, 2}, {0.5, 0.5, 2, -1}), options);
      },
      Fault::data, "a.npz: class probabilities must be 0 or more, row 1 element 1 is -1.");
  expect_error(
      [&] {
        from_arrays(inputs(2), f64(Shape{2, 2}, {0.5, 0.5, 0, 0}), options);
      },
      Fault::data, "a.npz: class probabilities need one above 0, row 1 has none.");
  expect_error(
      [&] {
        from_arrays(inputs(1), f64(Shape{1, 2}, {0.5, kNan}), options);
      },
      Fault::data, "a.npz: y must be finite, row 0 element 1 is nan. Remove or repair the row.");
}

TEST(FromArrays, DividesTargetImagesAsInputs) {
  const Tensor image = Tensor::of<std::uint8_t>(Shape{1, 1, 1, 2}, {0, 51});
  EXPECT_EQ(list(from_arrays(image, image).y), (Numbers{0, 51.0 / 255.0}));
  const Tensor flat = image.reshaped(Shape{1, 2});
  EXPECT_EQ(list(from_arrays(flat, flat, {.targets = Targets::real}).y), (Numbers{0, 51.0 / 255.0}));
  const Tensor count = Tensor::of<std::uint8_t>(Shape{1}, {51});
  EXPECT_EQ(list(from_arrays(flat, count, {.targets = Targets::real}).y), (Numbers{51}));
}

TEST(FromArrays, GivesInputsAFeatureAxisAndAFloatType) {
  EXPECT_EQ(from_arrays(i64({1, 2, 3}), Tensor()).x.type(), (Type{DType::f64, Shape{3, 1}}));
  EXPECT_EQ(from_arrays(Tensor(DType::u8, Shape{1, 2}), Tensor()).x.dtype(), DType::u8);
  EXPECT_EQ(from_arrays(Tensor(DType::f32, Shape{1, 2}), Tensor()).x.dtype(), DType::f32);
}

TEST(FromArrays, RefusesWhatCannotBeTrained) {
  const auto refused = [](const Tensor& x, const Tensor& y, const std::string& message) {
    expect_error([&] { from_arrays(x, y, {.where = "a.npz"}); }, Fault::data, "a.npz: " + message);
  };
  refused(Tensor(), Tensor(), "x needs a first axis that counts examples.");
  refused(Tensor::scalar(1), Tensor(), "x needs a first axis that counts examples.");
  refused(Tensor(DType::f32, Shape{0, 3}), Tensor(),
          "at least one row with one feature is needed, x is f32[0, 3].");
  refused(inputs(2), i64({0, 1, 1}), "x and y need the same number of rows, x is f64[2, 2], y is i64[3].");
  refused(inputs(2), Tensor::scalar(1), "x and y need the same number of rows, x is f64[2, 2], y is f32[].");
  refused(f64(Shape{2, 2}, {0, 1, 2, kNan}), i64({0, 1}),
          "x must be finite, row 1 element 1 is nan. Remove or repair the row.");
  refused(f64(Shape{2}, {-kInfinity, 0}), i64({0, 1}),
          "x must be finite, row 0 is -inf. Remove or repair the row.");
  refused(inputs(2), f64(Shape{2}, {0, kInfinity}),
          "y must be finite, row 1 is inf. Remove or repair the row.");
}

TEST(Dataset, ValidateNamesRowsAndColumns) {
  Dataset data = from_arrays(inputs(3), i64({0, 1, 0}));
  data.feature_names = {"age", "height"};
  data.x.set(4, kNan);
  expect_error([&] { data.validate("d"); }, Fault::data,
               "d: x must be finite, row 2 column 'age' is nan. Remove or repair the row.");
  data.x.set(4, 0);
  data.y.set(1, 2);
  expect_error([&] { data.validate("d"); }, Fault::data, "d: labels must lie in 0 to 1, row 1 has 2.");
  data.y.set(1, -1);
  expect_error([&] { data.validate("d"); }, Fault::data, "d: labels must lie in 0 to 1, row 1 has -1.");
  data.y.set(1, 1);
  data.weight = Tensor::of<float>(Shape{3}, {1, 0, -1});
  expect_error([&] { data.validate("d"); }, Fault::data,
               "d: sample weights must be finite and 0 or more, row 2 has -1.");
  data.weight.fill(0);
  expect_error([&] { data.validate("d"); }, Fault::data,
               "d: at least one sample weight must be above 0, all are 0.");
}

TEST(Dataset, ValidateChecksMultiLabelValues) {
  Dataset data = from_arrays(inputs(2), f64(Shape{2, 2}, {0, 1, 1, 1}), {.targets = Targets::multi_label});
  data.target_names = {"cat", "dog"};
  data.y.set(3, 0.5);
  expect_error([&] { data.validate("d"); }, Fault::data,
               "d: multi-label targets must be 0 or 1, row 1 column 'dog' is 0.5.");
}

TEST(Dataset, SubsetCopiesRowsInOrder) {
  Dataset data = from_arrays(f64(Shape{3, 2}, {1, 2, 3, 4, 5, 6}), i64({0, 1, 2}));
  data.weight = Tensor::of<float>(Shape{3}, {1, 2, 3});
  const std::vector<std::int64_t> rows = {2, 0, 2};
  const Dataset part = data.subset(rows);
  EXPECT_EQ(list(part.x), (Numbers{5, 6, 1, 2, 5, 6}));
  EXPECT_EQ(list(part.y), (Numbers{2, 0, 2}));
  EXPECT_EQ(list(part.weight), (Numbers{3, 1, 3}));
  EXPECT_EQ(part.classes, 3);
  const std::vector<std::int64_t> outside = {3};
  expect_error([&] { data.subset(outside); }, Fault::data, "subset: rows 0 to 2 exist, row 3 was asked for.");
}

}  // namespace
}  // namespace gradus::data
