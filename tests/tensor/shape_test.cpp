#include <limits>
#include <vector>

#include "gradus/tensor.h"
#include "support/expect_error.h"

namespace gradus {
namespace {

TEST(DType, HasNamesSizesAndKinds) {
  struct Row {
    DType dtype;
    const char* name;
    std::size_t size;
    bool is_float, is_integer;
  };
  for (const Row& row :
       {Row{DType::f32, "f32", 4, true, false}, Row{DType::f64, "f64", 8, true, false},
        Row{DType::i32, "i32", 4, false, true}, Row{DType::i64, "i64", 8, false, true},
        Row{DType::u8, "u8", 1, false, true}, Row{DType::boolean, "bool", 1, false, false}}) {
    EXPECT_EQ(name(row.dtype), row.name);
    EXPECT_EQ(size_of(row.dtype), row.size) << row.name;
    EXPECT_EQ(is_float(row.dtype), row.is_float) << row.name;
    EXPECT_EQ(is_integer(row.dtype), row.is_integer) << row.name;
  }
}

TEST(Shape, KnowsItsExtents) {
  const Shape shape{3, 20, 5};
  EXPECT_EQ(shape.rank(), 3);
  EXPECT_EQ(shape.size(), 300);
  EXPECT_EQ(shape[0], 3);
  EXPECT_EQ(shape[-1], 5);
  EXPECT_EQ(shape[-3], 3);
  EXPECT_EQ(shape.axis(-1), 2);
  EXPECT_EQ(shape.str(), "[3, 20, 5]");
  EXPECT_EQ(shape.list(), (std::vector<std::int64_t>{3, 20, 5}));
}

TEST(Shape, AScalarHasOneElementAndNoAxes) {
  EXPECT_EQ(Shape().rank(), 0);
  EXPECT_EQ(Shape().size(), 1);
  EXPECT_EQ(Shape().str(), "[]");
}

TEST(Shape, AllowsEmptyAxes) {
  EXPECT_EQ((Shape{0, 5}).size(), 0);
  EXPECT_EQ((Shape{5, 0, 7}).size(), 0);
}

TEST(Shape, ComparesRankAndExtents) {
  EXPECT_EQ((Shape{2, 3}), (Shape{2, 3}));
  EXPECT_FALSE((Shape{2, 3}) == (Shape{3, 2}));
  EXPECT_FALSE((Shape{2, 3}) == (Shape{2, 3, 1}));
  EXPECT_FALSE((Shape{1}) == Shape());
}

TEST(Shape, GivesChangedCopies) {
  const Shape shape{2, 3, 4};
  EXPECT_EQ(shape.with(1, 7), (Shape{2, 7, 4}));
  EXPECT_EQ(shape.with(-1, 0), (Shape{2, 3, 0}));
  EXPECT_EQ(shape.without(0), (Shape{3, 4}));
  EXPECT_EQ(shape.without(-1), (Shape{2, 3}));
  EXPECT_EQ(shape, (Shape{2, 3, 4}));
}

TEST(Shape, RefusesWhatIsNoShape) {
  expect_error([] { Shape{2, -1}; }, Fault::model, "shape: an axis has -1 elements; it needs 0 or more.");
  expect_error(
      [] {
        (Shape{1, 2, 3, 4, 5, 6, 7, 8, 9});
      },
      Fault::model, "shape: at most 8 axes are supported, got 9.");
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  expect_error([] { Shape{kHuge}; }, Fault::model, "shape: the number of elements overflows.");
  expect_error(
      [] {
        (Shape{1 << 30, 1 << 30, 4});
      },
      Fault::model, "shape: the number of elements overflows.");
  expect_error(
      [] {
        (Shape{0, 1 << 30, 1 << 30, 4});
      },
      Fault::model, "shape: the number of elements overflows.");
}

TEST(Shape, RefusesAxesItDoesNotHave) {
  const Shape shape{3, 20};
  expect_error([&] { (void)shape[2]; }, Fault::model, "shape [3, 20]: there is no axis 2; axes are -2 to 1.");
  expect_error([&] { shape.axis(-3); }, Fault::model,
               "shape [3, 20]: there is no axis -3; axes are -2 to 1.");
  expect_error([&] { shape.with(5, 1); }, Fault::model,
               "shape [3, 20]: there is no axis 5; axes are -2 to 1.");
}

TEST(Type, CountsBytesAndPrints) {
  const Type type{DType::f64, Shape{3, 20}};
  EXPECT_EQ(type.bytes(), 480u);
  EXPECT_EQ(type.str(), "f64[3, 20]");
  EXPECT_EQ((Type{DType::boolean, Shape{}}).str(), "bool[]");
  EXPECT_FALSE(type == (Type{DType::f32, Shape{3, 20}}));
}

TEST(Error, CarriesItsFaultAndTheExitCodes) {
  EXPECT_EQ(Error("x").fault(), Fault::model);
  EXPECT_EQ(Error("x", Fault::usage).fault(), Fault::usage);
  EXPECT_STREQ(Error("what was wrong").what(), "what was wrong");
  EXPECT_EQ(static_cast<int>(Fault::usage), 2);
  EXPECT_EQ(static_cast<int>(Fault::data), 3);
  EXPECT_EQ(static_cast<int>(Fault::model), 4);
  EXPECT_EQ(static_cast<int>(Fault::diverged), 5);
  EXPECT_EQ(static_cast<int>(Fault::output), 6);
  EXPECT_EQ(static_cast<int>(Fault::rank_lost), 7);
}

}  // namespace
}  // namespace gradus
