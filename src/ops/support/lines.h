// A tensor as lines along one axis: softmax, argmax and their kind work line by line.
#pragma once

#include "gradus/tensor.h"

namespace gradus {

struct Lines {
  std::int64_t outer, length, inner;  // elements before, along and after the axis

  Lines(const Shape& shape, int axis) : outer(1), length(shape[axis]), inner(1) {
    for (int i = 0; i < axis; ++i) outer *= shape[i];
    for (int i = axis + 1; i < shape.rank(); ++i) inner *= shape[i];
  }

  // Calls body(first element, step to the next one, number of the line) for every line.
  template <class Body>
  void each(Body&& body) const {
    for (std::int64_t line = 0; line < outer * inner; ++line) {
      body(line / inner * length * inner + line % inner, inner, line);
    }
  }
};

}  // namespace gradus
