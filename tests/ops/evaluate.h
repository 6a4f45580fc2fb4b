// Values of graphs that are made of constants: for tests against known numbers.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "gradus/grad.h"
#include "gradus/op_def.h"
#include "gradus/ops.h"
#include "kernels/reference/run.h"

namespace gradus {

using Numbers = std::vector<double>;

inline Tensor evaluate_tensor(const Value& value) { return reference::run(value.graph(), {value}, {})[0]; }

inline Numbers evaluate(const Value& value) {
  const Tensor tensor = evaluate_tensor(value);
  Numbers numbers;
  for (std::int64_t i = 0; i < tensor.size(); ++i) numbers.push_back(tensor.at(i));
  return numbers;
}

// A vector, or a matrix of that many columns.
inline Value numbers(Graph& graph, const Numbers& list, DType dtype = DType::f64, std::int64_t columns = 0) {
  const auto n = static_cast<std::int64_t>(list.size());
  const Shape shape = columns == 0 ? Shape{n} : Shape{n / columns, columns};
  return constant(graph, Tensor::of<double>(shape, list).cast(dtype));
}

// d(sum y) / dx.
inline Value slope(const Value& y, const Value& x) {
  return gradients(sum(y), {x}, {.unused = GradientOptions::zeros})[0];
}

// Equal up to rounding; NaN equals NaN, and infinities and zeros must have the right sign.
inline void expect_numbers(const Value& value, const Numbers& expected, double tolerance = 1e-14) {
  const Numbers got = evaluate(value);
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (std::isnan(expected[i]))
      EXPECT_TRUE(std::isnan(got[i])) << "element " << i << " is " << got[i];
    else if (std::isinf(expected[i]) || expected[i] == 0)
      EXPECT_EQ(got[i], expected[i]) << "element " << i;
    else
      EXPECT_NEAR(got[i], expected[i], tolerance * std::abs(expected[i])) << "element " << i;
  }
}

}  // namespace gradus
