// What batch_norm and its gradient share.
#pragma once

#include "gradus/ops.h"
#include "ops/support/lines.h"
#include "ops/support/rules.h"
#include "tensor/dispatch.h"

namespace gradus {

// Refuses an x without channels or without elements to average, and an epsilon that is not above 0.
void require_batch(const BatchNormOptions& op, const Type& x);
// Refuses a `type` that is not one number for each channel of x.
void require_per_channel(const BatchNormOptions& op, const Type& type, const Type& x, std::string_view input);

// How many elements each channel of x has.
std::int64_t batch_count(const BatchNormOptions& op, const Shape& x);
// All axes of x but the channels'.
std::vector<std::int64_t> batch_axes(const BatchNormOptions& op, const Shape& x);
// A [C] value so shaped that it broadcasts over x.
Value over_channels(const Value& per_channel, const BatchNormOptions& op, const Shape& x);

// What arrives at the statistics passes on to x: dmean / m + 2 (x - mean) dvariance / m, with m elements in a
// channel; empty if nothing arrives.
Value statistics_gradient(const BatchNormOptions& op, const Value& x, const Value& mean, const Value& dmean,
                          const Value& dvariance);
// moments(), for each part of a concatenation of channels: so parts of several are gone over once, and the
// concatenation itself is not needed.
Moments moments_by_parts(const Value& x, const AxisOptions& options);

// Means and variances of the channels: the variance about the mean, in a second pass; sums in double.
struct ChannelMoments {
  std::vector<double> mean, variance;
};
template <class T>
ChannelMoments channel_moments(const BatchNormOptions& op, const Shape& shape, std::span<const T> x);

// x [N, C, ...], [N, ..., C] and others, with the channels' axis; none has only one or two elements for a
// channel unless epsilon is large, as the curvature near variance 0 is of order 1 / epsilon.
struct BatchCase {
  BatchNormOptions options;
  Shape x, channels;
};
std::vector<BatchCase> batch_cases();

// body(element, channel) for each element of x, in order.
template <class Body>
void each_of_channels(const BatchNormOptions& op, const Shape& x, Body&& body) {
  const Lines lines(x, x.axis(static_cast<int>(op.axis)));
  std::size_t i = 0;
  for (std::int64_t o = 0; o < lines.outer; ++o) {
    for (std::size_t c = 0; c < static_cast<std::size_t>(lines.length); ++c) {
      for (std::int64_t k = 0; k < lines.inner; ++k) body(i++, c);
    }
  }
}

template <class T>
ChannelMoments channel_moments(const BatchNormOptions& op, const Shape& shape, std::span<const T> x) {
  const auto channels = static_cast<std::size_t>(shape[shape.axis(static_cast<int>(op.axis))]);
  const double count = static_cast<double>(batch_count(op, shape));
  ChannelMoments m{std::vector<double>(channels), std::vector<double>(channels)};
  each_of_channels(op, shape,
                   [&](std::size_t i, std::size_t c) { m.mean[c] += convert<double>(x[i]) / count; });
  each_of_channels(op, shape, [&](std::size_t i, std::size_t c) {
    const double d = convert<double>(x[i]) - m.mean[c];
    m.variance[c] += d * d / count;
  });
  return m;
}

}  // namespace gradus
