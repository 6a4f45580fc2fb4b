// What softmax, its logarithm and its loss share: the sum of exponentials, shifted so that none overflows.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "gradus/op_def.h"

namespace gradus {

// For values x[0], x[step], ...: m = max x and log of sum exp(x - m); log sum exp x is their sum. A line of
// -inf only, or with +inf, gives NaN, as 0 / 0 and inf / inf do; -inf beside finite values counts 0.
struct LogSumExp {
  double largest = -std::numeric_limits<double>::infinity(), log_sum = 0;

  template <class T>
  LogSumExp(std::span<const T> x, std::int64_t first, std::int64_t step, std::int64_t length) {
    const auto at = [&](std::int64_t i) {
      return static_cast<double>(x[static_cast<std::size_t>(first + i * step)]);
    };
    for (std::int64_t i = 0; i < length; ++i) largest = std::max(largest, at(i));
    double sum = 0;
    for (std::int64_t i = 0; i < length; ++i) sum += std::exp(at(i) - largest);
    log_sum = std::log(sum);
  }
};

// Of softmax_cross_entropy.
struct SmoothingOptions {
  double label_smoothing = 0;
  static void fields(auto& self, auto&& visit) { visit("label_smoothing", self.label_smoothing); }
};

// Every axis of the shapes all ops are tried on.
std::vector<Sample> softmax_samples();

}  // namespace gradus
