#include "ops/support/batch_norm.h"

namespace gradus {

void require_batch(const BatchNormOptions& op, const Type& x) {
  require_factor(x, "x");
  require(x.shape.rank() >= 2, "x must have two or more axes, [N, C, ...]; it is {}. reshape() it.", x.str());
  normalized_axis(op.axis, x.shape);
  require(op.epsilon > 0, "epsilon must be > 0, it is {}.", op.epsilon);
  require(batch_count(op, x.shape) > 0, "x {} has no elements in a channel; there is no mean of nothing.",
          x.shape.str());
}

void require_per_channel(const BatchNormOptions& op, const Type& type, const Type& x,
                         std::string_view input) {
  const int axis = normalized_axis(op.axis, x.shape);
  const Type wanted{x.dtype, {x.shape[axis]}};
  require(type == wanted, "{} must be {}, a number for each of the {} channels of x {} (axis {}); it is {}.",
          input, wanted.str(), x.shape[axis], x.shape.str(), axis, type.str());
}

std::int64_t batch_count(const BatchNormOptions& op, const Shape& x) {
  return x.without(static_cast<int>(op.axis)).size();
}

std::vector<std::int64_t> batch_axes(const BatchNormOptions& op, const Shape& x) {
  std::vector<std::int64_t> axes;
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (axis != x.axis(static_cast<int>(op.axis))) axes.push_back(axis);
  }
  return axes;
}

Value over_channels(const Value& per_channel, const BatchNormOptions& op, const Shape& x) {
  const int axis = x.axis(static_cast<int>(op.axis));
  std::vector<std::int64_t> extents(static_cast<std::size_t>(x.rank()), 1);
  extents[static_cast<std::size_t>(axis)] = x[axis];
  return reshape(per_channel, Shape(extents));
}

Value statistics_gradient(const BatchNormOptions& op, const Value& x, const Value& mean, const Value& dmean,
                          const Value& dvariance) {
  const double count = static_cast<double>(batch_count(op, x.shape()));
  Value dx;
  if (dmean) dx = broadcast_to(over_channels(dmean * (1 / count), op, x.shape()), x.shape());
  if (!dvariance) return dx;
  const Value centered = x - over_channels(mean, op, x.shape());
  const Value more = centered * over_channels(dvariance * (2 / count), op, x.shape());
  return dx ? dx + more : more;
}

std::vector<BatchCase> batch_cases() {
  struct Given {
    Shape x;
    double epsilon;
  };
  // Channels at axis 1 here.
  const std::vector<Given> given = {{{8, 3}, 1e-5},       {{16, 1}, 1e-3},       {{5, 20}, 0.1},
                                    {{2, 4}, 1.0},        {{1, 3}, 0.1},         {{6, 70}, 0.1},
                                    {{4, 2, 7}, 1e-5},    {{2, 3, 3, 2}, 1e-3},  {{3, 12, 2, 2}, 0.1},
                                    {{1, 2, 4, 5}, 1e-5}, {{1, 3, 1, 1}, 0.5},   {{2, 16, 1, 5}, 0.1},
                                    {{3, 0, 2, 2}, 1e-5}, {{2, 1, 2, 3, 2}, 0.1}};
  std::vector<BatchCase> cases;
  for (const Given& g : given) {
    const std::int64_t channels = g.x[1];
    cases.push_back({{.epsilon = g.epsilon}, g.x, {channels}});
    if (g.x.rank() == 2) continue;
    std::vector<std::int64_t> last = g.x.without(1).list();
    last.push_back(channels);
    cases.push_back({{.epsilon = g.epsilon, .axis = g.x.rank() - 1}, Shape(last), {channels}});
  }
  cases.push_back({{.epsilon = 0.1, .axis = 0}, {3, 5}, {3}});
  cases.push_back({{.epsilon = 0.1, .axis = -1}, {4, 2, 3}, {3}});
  return cases;
}

}  // namespace gradus
