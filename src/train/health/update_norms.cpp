#include "train/health/update_norms.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "base/check.h"
#include "base/parallel.h"

namespace gradus::train {

namespace {

// Several sums side by side, which one instruction can take: a step may have millions of weights.
constexpr std::size_t kLanes = 8;
constexpr std::int64_t kPiece = 1 << 14;  // summed on its own, so that threads do not change a bit

struct Squares {
  double before = 0, change = 0;
};

template <class T>
Squares squares(std::span<const T> a, std::span<const T> b) {
  double of_before[kLanes] = {}, of_change[kLanes] = {};
  const auto take = [&](std::size_t i, std::size_t lane) {
    const double x = a[i], d = double{b[i]} - x;
    of_before[lane] += x * x;
    of_change[lane] += d * d;
  };
  std::size_t i = 0;
  for (; i + kLanes <= a.size(); i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) take(i + lane, lane);
  for (; i < a.size(); ++i) take(i, 0);
  Squares sum;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    sum.before += of_before[lane];
    sum.change += of_change[lane];
  }
  return sum;
}

template <class T>
Squares squares(const Tensor& before, const Tensor& after, int threads) {
  const auto a = before.values<const T>(), b = after.values<const T>();
  const std::int64_t pieces = (before.size() + kPiece - 1) / kPiece;
  std::vector<Squares> parts(static_cast<std::size_t>(pieces));
  parallel_for(pieces, 4, threads, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t p = begin; p < end; ++p) {
      const auto at = static_cast<std::size_t>(p * kPiece);
      const std::size_t size = std::min(static_cast<std::size_t>(kPiece), a.size() - at);
      parts[static_cast<std::size_t>(p)] = squares<T>(a.subspan(at, size), b.subspan(at, size));
    }
  });
  Squares sum;
  for (const Squares& part : parts) {
    sum.before += part.before;
    sum.change += part.change;
  }
  return sum;
}

}  // namespace

void measure_updates(std::vector<ParameterHealth>& parameters, const Snapshot& before, int threads) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < before.variables().size() && at < parameters.size(); ++i) {
    const Variable& variable = before.variables()[i];
    ParameterHealth& parameter = parameters[at];
    if (variable.name() != parameter.name) continue;
    const bool f64 = variable.type().dtype == DType::f64;
    const Squares found = f64 ? squares<double>(before.tensors()[i], variable.value(), threads)
                              : squares<float>(before.tensors()[i], variable.value(), threads);
    parameter.norm = std::sqrt(found.before);
    parameter.update_norm = std::sqrt(found.change);
    ++at;
  }
  GRADUS_CHECK(at == parameters.size());
}

}  // namespace gradus::train
