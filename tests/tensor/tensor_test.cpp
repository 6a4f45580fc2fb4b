#include "gradus/tensor.h"

#include <bit>
#include <cmath>
#include <limits>

#include "support/expect_error.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

constexpr DType kAll[] = {DType::f32, DType::f64, DType::i32, DType::i64, DType::u8, DType::boolean};

TEST(Tensor, StartsZeroed) {
  for (const DType dtype : kAll) {
    const Tensor tensor(dtype, Shape{2, 3});
    EXPECT_TRUE(tensor.defined());
    EXPECT_EQ(tensor.size(), 6);
    EXPECT_EQ(tensor.byte_size(), 6 * size_of(dtype));
    for (std::int64_t i = 0; i < 6; ++i) EXPECT_EQ(tensor.at(i), 0.0);
  }
}

TEST(Tensor, ADefaultHandleHoldsNothing) {
  EXPECT_FALSE(Tensor().defined());
  EXPECT_FALSE(Tensor().clone().defined());
}

TEST(Tensor, EmptyAndScalarShapesWork) {
  const Tensor empty(DType::f32, Shape{0, 4});
  EXPECT_TRUE(empty.defined());
  EXPECT_EQ(empty.values<float>().size(), 0u);
  EXPECT_TRUE(empty.same_bits(empty.clone()));
  const Tensor scalar = Tensor::scalar(2.5, DType::f64);
  EXPECT_EQ(scalar.shape(), Shape());
  EXPECT_EQ(scalar.at(0), 2.5);
  EXPECT_EQ(Tensor::of<float>(Shape{0}, {}).size(), 0);
}

TEST(Tensor, OfTakesValuesInRowMajorOrder) {
  const Tensor tensor = Tensor::of<float>(Shape{2, 2}, {1, 2, 3, 4});
  EXPECT_EQ(tensor.dtype(), DType::f32);
  const auto values = tensor.values<float>();
  EXPECT_EQ(values[2], 3.0f);
  EXPECT_EQ(tensor.at(3), 4.0);
  expect_error(
      [] {
        Tensor::of<float>(Shape{2, 2}, {1, 2, 3});
      },
      Fault::model, "reshape: [3] has 3 elements, [2, 2] has 4.");
}

TEST(Tensor, RowsShareTheBuffer) {
  const Tensor whole = Tensor::of<float>({3, 2}, {1, 2, 3, 4, 5, 6});
  const Tensor rows = whole.rows(1, 3);
  EXPECT_EQ(rows.type(), (Type{DType::f32, {2, 2}}));
  EXPECT_EQ(rows.at(0), 3);
  rows.set(3, 9);
  EXPECT_EQ(whole.at(5), 9);
  EXPECT_EQ(whole.rows(2, 2).size(), 0);
  expect_error([&] { whole.rows(1, 4); }, Fault::model, "rows: there are no rows 1 to 4 in [3, 2].");
  expect_error([&] { whole.rows(2, 1); }, Fault::model, "rows: there are no rows 2 to 1 in [3, 2].");
  expect_error([&] { Tensor::scalar(1).rows(0, 0); }, Fault::model, "rows: there are no rows 0 to 0 in [].");
}

TEST(Tensor, CopiesShareTheBufferClonesDoNot) {
  const Tensor tensor = Tensor::of<std::int32_t>(Shape{2}, {1, 2});
  const Tensor shared = tensor;
  const Tensor cloned = tensor.clone();
  tensor.set(0, 9);
  EXPECT_EQ(shared.at(0), 9.0);
  EXPECT_EQ(cloned.at(0), 1.0);
}

TEST(Tensor, ReshapedSharesTheBuffer) {
  const Tensor tensor = Tensor::of<float>(Shape{2, 3}, {0, 1, 2, 3, 4, 5});
  const Tensor flat = tensor.reshaped(Shape{6});
  EXPECT_EQ(flat.data(), tensor.data());
  EXPECT_EQ(flat.at(5), 5.0);
  expect_error([&] { tensor.reshaped(Shape{4}); }, Fault::model,
               "reshape: [2, 3] has 6 elements, [4] has 4.");
}

TEST(Tensor, CastsBetweenAllTypes) {
  for (const DType from : kAll) {
    const Tensor source(from, Shape{3});
    source.set(1, 1);
    for (const DType to : kAll) {
      const Tensor result = source.cast(to);
      EXPECT_EQ(result.type(), (Type{to, Shape{3}}));
      EXPECT_EQ(result.at(0), 0.0);
      EXPECT_EQ(result.at(1), 1.0) << name(from) << " to " << name(to);
    }
  }
  EXPECT_EQ(Tensor::of<float>(Shape{2}, {2.75f, -2.75f}).cast(DType::i32).at(1), -2.0);
  EXPECT_EQ(Tensor::of<float>(Shape{1}, {0.5f}).cast(DType::boolean).at(0), 1.0);
  EXPECT_EQ(Tensor::of<std::int64_t>(Shape{1}, {1ll << 53}).cast(DType::f64).at(0), 0x1p53);
}

TEST(Tensor, FillsAndSets) {
  const Tensor tensor(DType::i64, Shape{3});
  tensor.fill(7);
  tensor.set(2, -1);
  EXPECT_EQ(tensor.values<std::int64_t>()[1], 7);
  EXPECT_EQ(tensor.values<std::int64_t>()[2], -1);
}

TEST(Tensor, ViewsMemoryOfOthers) {
  const Tensor owner = Tensor::of<float>(Shape{4}, {1, 2, 3, 4});
  const std::shared_ptr<std::byte> alias(std::make_shared<Tensor>(owner), owner.data() + 2 * sizeof(float));
  const Tensor view(Type{DType::f32, Shape{2}}, alias);
  EXPECT_EQ(view.at(0), 3.0);
  view.set(1, 8);
  EXPECT_EQ(owner.at(3), 8.0);
}

TEST(Tensor, ComparesBitsNotValues) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(Tensor::of<float>(Shape{1}, {nan}).same_bits(Tensor::of<float>(Shape{1}, {nan})));
  EXPECT_FALSE(Tensor::of<float>(Shape{1}, {0.0f}).same_bits(Tensor::of<float>(Shape{1}, {-0.0f})));
  EXPECT_FALSE(Tensor::of<float>(Shape{1}, {0}).same_bits(Tensor::of<std::int32_t>(Shape{1}, {0})));
  EXPECT_FALSE(Tensor::of<float>(Shape{1}, {0}).same_bits(Tensor::of<float>(Shape{1, 1}, {0})));
}

TEST(Tensor, RefusesWrongTypesAndPlaces) {
  const Tensor tensor(DType::f32, Shape{2, 3});
  expect_error([&] { tensor.values<double>(); }, Fault::model,
               "tensor: its elements are f32, they were asked for as f64.");
  expect_error([&] { tensor.at(6); }, Fault::model, "tensor f32[2, 3]: there is no element 6.");
  expect_error([&] { tensor.at(-1); }, Fault::model, "tensor f32[2, 3]: there is no element -1.");
  expect_error([&] { tensor.set(6, 0); }, Fault::model, "tensor f32[2, 3]: there is no element 6.");
  expect_error(
      [&] {
        tensor.copy_from(Tensor(DType::f32, Shape{3, 2}));
      },
      Fault::model, "copy: a f32[2, 3] was needed, a f32[3, 2] was given.");
}

TEST(Bf16, RoundsToTheNearestTiesToEven) {
  for (std::uint32_t upper = 0; upper < 0x10000; ++upper) {
    const auto bits = static_cast<Bf16>(upper);
    const float x = widen(bits);
    if (std::isnan(x))
      EXPECT_TRUE(std::isnan(widen(narrow(x))));
    else
      EXPECT_EQ(narrow(x), bits);
  }
  EXPECT_EQ(widen(narrow(1 + 0x1p-8f)), 1.0f);
  EXPECT_EQ(widen(narrow(1 + 0x1.8p-7f)), 1 + 0x1p-6f);
  EXPECT_EQ(widen(narrow(1 + 0x1.02p-8f)), 1 + 0x1p-7f);
  EXPECT_EQ(widen(narrow(std::numeric_limits<float>::max())), std::numeric_limits<float>::infinity());
  // A NaN whose upper half alone would be an infinity.
  EXPECT_TRUE(std::isnan(widen(narrow(std::bit_cast<float>(0x7f800001u)))));
}

TEST(Bf16, IsAnElementTypeOfTensors) {
  Tensor tensor(DType::bf16, Shape{2});
  EXPECT_EQ(tensor.byte_size(), 4u);
  EXPECT_EQ(tensor.type().str(), "bf16[2]");
  tensor.fill(1.5);
  tensor.set(1, 1 + 0x1p-9);
  EXPECT_EQ(tensor.at(0), 1.5);
  EXPECT_EQ(tensor.at(1), 1.0);
  EXPECT_EQ(tensor.cast(DType::f32).values<const float>()[0], 1.5f);
  EXPECT_EQ(Tensor::of<float>(Shape{1}, {2.5f}).cast(DType::bf16).cast(DType::i32).at(0), 2.0);
  EXPECT_EQ(static_cast<std::uint16_t>(tensor.values<Bf16>()[0]), 0x3fc0);
}

TEST(Dispatch, CallsWithTheTypeOfTheDType) {
  for (const DType dtype : kAll) {
    EXPECT_EQ(dispatch(dtype, [](auto zero) { return dtype_of<decltype(zero)>(); }), dtype);
  }
  EXPECT_EQ(dispatch_float(DType::f64, [](auto zero) { return sizeof(zero); }), 8u);
  EXPECT_THROW(dispatch_float(DType::i32, [](auto zero) { return sizeof(zero); }), std::logic_error);
}

}  // namespace
}  // namespace gradus
