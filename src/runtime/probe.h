// A value as a function of another one, for numeric differentiation.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernels/reference/run.h"

namespace gradus {

// y as a function of x, all else fixed. What does not depend on x is computed once.
class Probe {
 public:
  Probe(const Value& y, const Value& x, std::span<const reference::Feed> feeds);

  const Tensor& x() const { return x_; }  // where the function is probed
  const Tensor& y() const { return y_; }  // its value there
  // The largest magnitude among x and all numbers computed from it on the way to y, with what they are
  // computed from: y's rounding error is a few units in the last place of that.
  double magnitude() const { return magnitude_; }

  struct Point {
    Tensor y;
    std::vector<std::vector<std::int64_t>> branches;  // of each op between x and y that has kinks
  };
  Point at(const Tensor& x) const;

  // The first op that is on different smooth pieces at a and b: "relu in layers.1, element 3".
  std::optional<std::string> kink_between(const Point& a, const Point& b) const;

 private:
  Value y_value_, x_value_;
  Tensor x_, y_;
  double magnitude_ = 0;
  std::vector<reference::Feed> fixed_;
  std::vector<const Node*> kinked_;
  Values wanted_;  // y, then the inputs of each of kinked_
};

}  // namespace gradus
