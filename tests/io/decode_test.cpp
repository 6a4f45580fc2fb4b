#include "io/decode.h"

#include <cmath>
#include <vector>

#include "support/expect_error.h"

namespace gradus::io {
namespace {

template <class T>
Tensor decoded(Stored stored, std::initializer_list<T> elements) {
  const std::vector<T> values(elements);
  return decode(stored, Shape{static_cast<std::int64_t>(values.size())}, std::as_bytes(std::span(values)),
                {"t", Fault::data});
}

TEST(Decode, TurnsHalvesIntoFloats) {
  const Tensor tensor = decoded<std::uint16_t>(Stored::f16, {0x0000, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x0400,
                                                             0x0001, 0x03ff, 0x7c00, 0xfc00, 0x7e00, 0x3555});
  ASSERT_EQ(tensor.dtype(), DType::f32);
  const auto x = tensor.values<float>();
  const float expected[] = {0.0f,     -0.0f,           1.0f,     -2.0f,    65504.0f, 0x1p-14f,
                            0x1p-24f, 1023 * 0x1p-24f, INFINITY, -INFINITY};
  for (std::size_t i = 0; i < std::size(expected); ++i) EXPECT_EQ(x[i], expected[i]) << i;
  EXPECT_TRUE(std::signbit(x[1]));
  EXPECT_TRUE(std::isnan(x[10]));
  EXPECT_EQ(x[11], 0.333251953125f);
}

TEST(Decode, TurnsBfloatsIntoFloats) {
  const Tensor tensor = decoded<std::uint16_t>(Stored::bf16, {0x3f80, 0xc049, 0x7f80, 0x0001, 0x7fc0});
  const auto x = tensor.values<float>();
  EXPECT_EQ(x[0], 1.0f);
  EXPECT_EQ(x[1], -3.140625f);
  EXPECT_EQ(x[2], INFINITY);
  EXPECT_EQ(x[3], 0x1p-133f);
  EXPECT_TRUE(std::isnan(x[4]));
}

TEST(Decode, WidensIntegersToTheNextTypeThatHoldsThem) {
  const Tensor i8 = decoded<std::int8_t>(Stored::i8, {-128, 127});
  EXPECT_TRUE(i8.same_bits(Tensor::of<std::int32_t>(Shape{2}, {-128, 127})));
  const Tensor i16 = decoded<std::int16_t>(Stored::i16, {-32768, 32767});
  EXPECT_TRUE(i16.same_bits(Tensor::of<std::int32_t>(Shape{2}, {-32768, 32767})));
  const Tensor u16 = decoded<std::uint16_t>(Stored::u16, {0, 65535});
  EXPECT_TRUE(u16.same_bits(Tensor::of<std::int32_t>(Shape{2}, {0, 65535})));
  const Tensor u32 = decoded<std::uint32_t>(Stored::u32, {0, 4294967295u});
  EXPECT_TRUE(u32.same_bits(Tensor::of<std::int64_t>(Shape{2}, {0, 4294967295})));
  const Tensor u64 = decoded<std::uint64_t>(Stored::u64, {0, 0x7fffffffffffffffu});
  EXPECT_TRUE(u64.same_bits(Tensor::of<std::int64_t>(Shape{2}, {0, 0x7fffffffffffffff})));
}

TEST(Decode, RefusesValuesThatFitNoType) {
  expect_error(
      [] {
        decoded<std::uint64_t>(Stored::u64, {1, 0x8000000000000000u});
      },
      Fault::data, "t: element 1 is 9223372036854775808; integers up to 2^63 - 1 are supported.");
  expect_error(
      [] {
        decoded<std::uint8_t>(Stored::boolean, {0, 1, 2});
      },
      Fault::data, "t: a bool is 0 or 1, element 2 is 2.");
}

TEST(ToShape, SaysWhereTheShapeIsWrong) {
  const std::vector<std::uint64_t> fine = {2, 0, 3}, deep(9, 1), huge = {1ull << 40, 1ull << 40},
                                   negative = {1ull << 63};
  EXPECT_EQ(to_shape(fine, {"t", Fault::data}), (Shape{2, 0, 3}));
  expect_error(
      [&] {
        to_shape(deep, {"t", Fault::data});
      },
      Fault::data, "t: shape: at most 8 axes are supported, got 9.");
  expect_error(
      [&] {
        to_shape(huge, {"t", Fault::model});
      },
      Fault::model, "t: shape: the number of elements overflows.");
  expect_error(
      [&] {
        to_shape(negative, {"t", Fault::data});
      },
      Fault::data, "t: an axis of 9223372036854775808 elements is too long.");
}

}  // namespace
}  // namespace gradus::io
