// The golden files of PyTorch's numbers (tests/golden/make_golden.py) and the formula both sides compute
// their tensors from.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "gradus/tensor.h"

namespace gradus::golden {

inline std::int64_t q(std::int64_t k) { return (31 * k * k + 7919 * k + 17) % 10007; }

// Element i: q(1000 tag + i) / 10007 - 0.5, times `scale`.
inline Tensor numbers(std::int64_t tag, const Shape& shape, DType dtype, double scale = 1) {
  const Tensor tensor(dtype, shape);
  for (std::int64_t i = 0; i < tensor.size(); ++i)
    tensor.set(i, scale * (static_cast<double>(q(1000 * tag + i)) / 10007 - 0.5));
  return tensor;
}

inline Tensor classes(std::int64_t step) {
  const Tensor tensor(DType::i64, {8});
  for (std::int64_t i = 0; i < 8; ++i) tensor.set(i, static_cast<double>(q(1000 * (200 + step) + i) % 3));
  return tensor;
}

inline std::vector<double> read(const std::string& name) {
  std::ifstream file(std::string(GRADUS_GOLDEN) + "/" + name + ".txt");
  std::string comment;
  std::getline(file, comment);
  EXPECT_TRUE(comment.starts_with("#")) << "no golden file " << name;
  std::vector<double> values;
  for (double value; file >> value;) values.push_back(value);
  return values;
}

}  // namespace gradus::golden
