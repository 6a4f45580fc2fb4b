// Normalization and dropout.
#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {
namespace {

using List = std::vector<std::int64_t>;

List axes_from(const Value& x, int first) {
  List axes = counted_up(static_cast<std::size_t>(x.shape().rank()));
  axes.erase(axes.begin(), axes.begin() + first);
  return axes;
}

struct Centred {
  Value x, mean, variance;  // x less its mean
};

Centred centred(const Value& x, const List& axes) {
  const Value middle = mean(x, {axes, true}), rest = x - middle;
  return {rest, middle, mean(square(rest), {axes, true})};
}

// Given statistics, or in training those of the batch, towards which the running ones move.
Values batch_normalized(const Call& call) {
  const Value x = call.in(0);
  const int rank = x.shape().rank();
  require(rank >= 2 && call.integer("spatial", 1) == 1,
          "x must be [N, C, ...], with statistics of channels.");
  const double epsilon = call.real("epsilon", 1e-5), momentum = call.real("momentum", 0.9);
  call.ignore("is_test");
  call.ignore("consumed_inputs");
  const Value scale = call.in(1), shift = call.in(2), old_mean = call.in(3), old_variance = call.in(4);
  if (call.integer("training_mode", 0) != 0) {
    const BatchNorm norm = batch_norm(x, scale, shift, {.epsilon = epsilon, .axis = 1});
    return {norm.y, old_mean * momentum + norm.mean * (1 - momentum),
            old_variance * momentum + norm.variance * (1 - momentum)};
  }
  const Value factor = scale * rsqrt(old_variance + epsilon);
  const auto at_channels = [&](const Value& v) { return along(cast(v, x.dtype()), 1, rank); };
  return {x * at_channels(factor) + at_channels(shift - old_mean * factor)};
}

Values instance_normalized(const Call& call) {
  const Value x = call.in(0);
  call.ignore("consumed_inputs");
  require(x.shape().rank() >= 3, "x must have spatial axes, it is {}.", x.type().str());
  const Centred c = centred(x, axes_from(x, 2));
  const int rank = x.shape().rank();
  return {c.x * rsqrt(c.variance + call.real("epsilon", 1e-5)) * along(call.in(1), 1, rank) +
          along(call.in(2), 1, rank)};
}

Values layer_normalized(const Call& call) {
  const Value x = call.in(0);
  const int axis = axis_of(call.integer("axis", -1), x.shape().rank());
  require(call.integer("stash_type", 1) == 1, "stash_type must be 1: statistics of float.");
  const Centred c = centred(x, axes_from(x, axis));
  const Value inverse = rsqrt(c.variance + call.real("epsilon", 1e-5));
  const Value y = c.x * inverse * call.in(1);
  return {call.has(2) ? y + call.in(2) : y, c.mean, inverse};
}

Values mean_variance_normalized(const Call& call) {
  const Value x = call.in(0);
  const Centred c = centred(x, axes_of(call.integers("axes", {0, 2, 3}), x.shape().rank()));
  return {c.x / (sqrt(c.variance) + 1e-9)};
}

Values length_normalized(const Call& call) {
  const Value x = call.in(0);
  const ReduceOptions options{{axis_of(call.integer("axis", -1), x.shape().rank())}, true};
  const std::int64_t p = call.integer("p", 2);
  require(p == 1 || p == 2, "p must be 1 or 2, it is {}.", p);
  return {x / (p == 1 ? sum(abs(x), options) : sqrt(sum(square(x), options)))};
}

// Squares added up over neighbouring channels.
Values response_normalized(const Call& call) {
  const Value x = call.in(0);
  const std::int64_t size = call.integer("size");
  require(x.shape().rank() >= 3 && size >= 1 && size <= 4096,
          "x must be [N, C, ...] and size from 1 to 4096.");
  const std::int64_t before = (size - 1) / 2, channels = x.shape()[1];
  const Value squares = padded(square(x), 1, before, size - 1 - before);
  Value total;
  for (std::int64_t i = 0; i < size; ++i) {
    const Value part = cut(squares, 1, i, i + channels);
    total = total ? total + part : part;
  }
  const double alpha = call.real("alpha", 1e-4) / static_cast<double>(size);
  return {x / pow(total * alpha + call.real("bias", 1), number(x, call.real("beta", 0.75)))};
}

double single(const Call& call, std::size_t i) {
  const Tensor given = call.known(i);
  require(given.size() == 1, "input {} must be one number, it is {}.", i, given.type().str());
  return given.at(0);
}

// In inference, and with a ratio of 0, nothing is dropped. Masks of training cannot be what another library's
// random numbers make them.
Values dropped(const Call& call) {
  const Value x = call.in(0);
  call.ignore("seed");
  call.ignore("consumed_inputs");
  double ratio = call.real("ratio", 0.5);
  if (call.opset() >= 12) ratio = call.has(1) ? single(call, 1) : 0.5;
  const bool trains = call.opset() >= 12  ? call.has(2) && single(call, 2) != 0
                      : call.opset() >= 7 ? false
                                          : call.integer("is_test", 0) == 0;
  require(!trains || ratio == 0, "it drops at random in training; gradus run is for inference.");
  return {x, broadcast_to(constant(call.graph(), Tensor::scalar(1, DType::boolean)), x.shape())};
}

}  // namespace

std::vector<Converter> norm_ops() {
  return {{"BatchNormalization", batch_normalized},
          {"Dropout", dropped},
          {"InstanceNormalization", instance_normalized},
          {"LRN", response_normalized},
          {"LayerNormalization", layer_normalized},
          {"LpNormalization", length_normalized},
          {"MeanVarianceNormalization", mean_variance_normalized}};
}

}  // namespace gradus::io::onnx
