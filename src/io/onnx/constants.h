// The elements of values that a conversion must know: shapes, axes, index lists.
#pragma once

#include <map>
#include <utility>

#include "gradus/value.h"

namespace gradus::io::onnx {

class Constants {
 public:
  // The elements of a graph input.
  void give(const Value& input, const Tensor& elements);
  // Computed by the plain kernels from constants and given inputs, once.
  Tensor value(const Value& value);

 private:
  using Key = std::pair<int, int>;  // node, output
  void compute(const Node& node);

  std::map<Key, Tensor> known_;
  std::size_t bytes_ = 0;  // of what was computed
};

}  // namespace gradus::io::onnx
