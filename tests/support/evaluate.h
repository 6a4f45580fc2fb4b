// Values of small graphs, for tests that compare numbers.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/philox.h"
#include "base/streams.h"
#include "kernels/reference/run.h"

namespace gradus {

// One value on the reference executor; `inputs` in the order the graph declares them.
inline Tensor evaluate(const Value& value, const std::vector<Tensor>& inputs = {}) {
  return reference::run(value.graph(), {value}, reference::feed_inputs(value.graph(), inputs))[0];
}

inline std::vector<double> numbers(const Tensor& tensor) {
  std::vector<double> list;
  for (std::int64_t i = 0; i < tensor.size(); ++i) list.push_back(tensor.at(i));
  return list;
}

// Normal numbers; another `number`, other numbers.
inline Tensor random_tensor(const Type& type, std::uint64_t number, double deviation = 1) {
  const RandomSequence random(11, stream::kCheck, number);
  Tensor tensor(type);
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    tensor.set(i, deviation * random.normal(static_cast<std::uint64_t>(i)));
  }
  return tensor;
}

// Elements differ by at most `tolerance` times the largest of their tensor.
inline void expect_near(const std::vector<Tensor>& got, const std::vector<Tensor>& expected,
                        double tolerance) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    double largest = 0;
    for (const double v : numbers(expected[i])) largest = std::max(largest, std::abs(v));
    for (std::int64_t k = 0; k < expected[i].size(); ++k)
      ASSERT_NEAR(got[i].at(k), expected[i].at(k), tolerance * largest)
          << "output " << i << ", element " << k;
  }
}

}  // namespace gradus
