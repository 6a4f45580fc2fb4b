// Rounding made of additions, against the C library's.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "io/decode.h"
#include "io/onnx/convert/support.h"
#include "support/evaluate.h"

namespace gradus::io::onnx {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> applied(Value (*f)(const Value&), const std::vector<double>& list, DType dtype) {
  Graph graph;
  const Tensor tensor =
      Tensor::of<double>({static_cast<std::int64_t>(list.size())}, std::span<const double>(list)).cast(dtype);
  return numbers(evaluate(f(constant(graph, tensor))));
}

TEST(OnnxRounding, IsThatOfTheLibrary) {
  std::vector<double> list = {0,          1,           -1,      0x1p22,    0x1p22 - 0.5,
                              0x1p23 + 1, -0x1p23 - 1, 0x1p100, kInfinity, -kInfinity};
  for (double x = -8; x <= 8; x += 0.25) list.push_back(x);
  for (const DType dtype : {DType::f32, DType::f64}) {
    const auto even = applied(to_even, list, dtype), floor = applied(floored, list, dtype),
               ceil = applied(ceiled, list, dtype), trunc = applied(truncated, list, dtype);
    for (std::size_t i = 0; i < list.size(); ++i) {
      EXPECT_EQ(even[i], std::nearbyint(list[i])) << list[i];
      EXPECT_EQ(floor[i], std::floor(list[i])) << list[i];
      EXPECT_EQ(ceil[i], std::ceil(list[i])) << list[i];
      EXPECT_EQ(trunc[i], std::trunc(list[i])) << list[i];
    }
  }
}

// Every 16-bit float is itself; halfway between two it goes to the even one.
TEST(OnnxRounding, ToHalf) {
  std::vector<std::byte> bytes;
  std::vector<double> halves;
  for (std::uint32_t bits = 0; bits < 0x7c00; ++bits) {
    bytes.push_back(static_cast<std::byte>(bits & 255));
    bytes.push_back(static_cast<std::byte>(bits >> 8));
  }
  const Tensor all = decode(Stored::f16, {0x7c00}, bytes, {"halves", Fault::data});
  for (std::int64_t i = 0; i < all.size(); ++i) halves.push_back(all.at(i));
  EXPECT_EQ(applied(as_half, halves, DType::f32), halves);
  std::vector<double> between, wanted;
  for (std::size_t i = 0; i + 1 < halves.size(); ++i) {
    between.push_back(-(halves[i] + halves[i + 1]) / 2);
    wanted.push_back(-halves[i % 2 == 0 ? i : i + 1]);
  }
  EXPECT_EQ(applied(as_half, between, DType::f32), wanted);
  EXPECT_EQ(applied(as_half, {65519, 65520, -1e6, kInfinity, -kInfinity}, DType::f32),
            (std::vector<double>{65504, kInfinity, -kInfinity, kInfinity, -kInfinity}));
  EXPECT_TRUE(std::isnan(applied(as_half, {std::nan("")}, DType::f32)[0]));
}

}  // namespace
}  // namespace gradus::io::onnx
