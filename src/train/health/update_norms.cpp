#include "train/health/update_norms.h"

#include <cmath>

#include "base/check.h"

namespace gradus::train {

namespace {

// Several sums side by side, which one instruction can take: a step may have millions of weights.
constexpr std::size_t kLanes = 8;

struct Squares {
  double before = 0, change = 0;
};

template <class T>
Squares squares(const Tensor& before, const Tensor& after) {
  const auto a = before.values<const T>(), b = after.values<const T>();
  double of_before[kLanes] = {}, of_change[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= a.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double x = a[i + lane], d = double{b[i + lane]} - x;
      of_before[lane] += x * x;
      of_change[lane] += d * d;
    }
  }
  Squares sum;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    sum.before += of_before[lane];
    sum.change += of_change[lane];
  }
  for (; i < a.size(); ++i) {
    const double x = a[i], d = double{b[i]} - x;
    sum.before += x * x;
    sum.change += d * d;
  }
  return sum;
}

}  // namespace

void measure_updates(std::vector<ParameterHealth>& parameters, const Snapshot& before) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < before.variables().size() && at < parameters.size(); ++i) {
    const Variable& variable = before.variables()[i];
    ParameterHealth& parameter = parameters[at];
    if (variable.name() != parameter.name) continue;
    const bool f64 = variable.type().dtype == DType::f64;
    const Squares found = f64 ? squares<double>(before.tensors()[i], variable.value())
                              : squares<float>(before.tensors()[i], variable.value());
    parameter.norm = std::sqrt(found.before);
    parameter.update_norm = std::sqrt(found.change);
    ++at;
  }
  GRADUS_CHECK(at == parameters.size());
}

}  // namespace gradus::train
