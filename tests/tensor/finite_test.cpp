#include "tensor/finite.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace gradus {
namespace {

TEST(AllFinite, FindsOneBadElementWhereverItIs) {
  for (const DType dtype : {DType::f32, DType::f64}) {
    for (const double bad :
         {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), std::nan("")}) {
      for (const std::int64_t place : {0, 1, 4095, 4096, 9000, 9999}) {
        Tensor tensor(dtype, Shape{10000});
        EXPECT_TRUE(all_finite(tensor));
        tensor.fill(std::numeric_limits<float>::max());
        EXPECT_TRUE(all_finite(tensor)) << "the largest number is one";
        tensor.rows(place, place + 1).fill(bad);
        EXPECT_FALSE(all_finite(tensor)) << place;
      }
    }
  }
}

TEST(AllFinite, TakesWhatCannotBeBad) {
  EXPECT_TRUE(all_finite(Tensor(DType::f32, Shape{0})));
  EXPECT_TRUE(all_finite(Tensor::of<std::int64_t>(Shape{1}, {std::numeric_limits<std::int64_t>::max()})));
}

TEST(AllFinite, LooksAtHalves) {
  Tensor tensor(DType::f32, Shape{3});
  tensor.fill(1);
  EXPECT_TRUE(all_finite(tensor.cast(DType::bf16)));
  tensor.fill(std::nan(""));
  EXPECT_FALSE(all_finite(tensor.cast(DType::bf16)));
}

}  // namespace
}  // namespace gradus
