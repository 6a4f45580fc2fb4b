// Activations, per element; softmax and its kin.
#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {
namespace {

template <Value (*f)(const Value&)>
Values plain(const Call& call) {
  call.ignore("consumed_inputs");
  return {f(call.in(0))};
}

Values elu_of(const Call& call) { return {elu(call.in(0), {.alpha = call.real("alpha", 1)})}; }

// max(0, x) + min(0, alpha (exp(x / alpha) - 1))
Values celu(const Call& call) {
  const Value x = call.in(0);
  const double alpha = call.real("alpha", 1);
  const Value zero = number(x, 0);
  return {maximum(x, zero) + minimum(elu(x * (1 / alpha), {.alpha = 1}) * alpha, zero)};
}

Values scaled_elu(const Call& call) {
  call.ignore("consumed_inputs");
  const double alpha = call.real("alpha", 1.67326319217681884765625);
  return {elu(call.in(0), {.alpha = alpha}) * call.real("gamma", 1.05070102214813232421875)};
}

Values leaky(const Call& call) {
  call.ignore("consumed_inputs");
  return {leaky_relu(call.in(0), {.slope = call.real("alpha", 0.01)})};
}

Values parametric(const Call& call) {
  const Value x = call.in(0);
  return {select(less(x, number(x, 0)), x * call.in(1), x)};
}

Values thresholded(const Call& call) {
  const Value x = call.in(0);
  return {select(greater(x, number(x, call.real("alpha", 1))), x, number(x, 0))};
}

Value hard_sigmoid(const Value& x, double alpha, double beta) {
  return clip(x * alpha + beta, {.low = 0, .high = 1});
}

Values hard_sigmoid_of(const Call& call) {
  return {hard_sigmoid(call.in(0), call.real("alpha", 0.2), call.real("beta", 0.5))};
}

Value hard_swish(const Value& x) { return x * hard_sigmoid(x, 1.0 / 6, 0.5); }
Value mish(const Value& x) { return x * tanh(softplus(x)); }
Value softsign(const Value& x) { return x / (abs(x) + 1.0); }
Value softplus_of(const Value& x) { return softplus(x); }

Values shrunk(const Call& call) {
  const Value x = call.in(0);
  const double edge = call.real("lambd", 0.5), bias = call.real("bias", 0);
  const Value high = select(greater(x, number(x, edge)), x - bias, number(x, 0));
  return {select(less(x, number(x, -edge)), x + bias, high)};
}

// Before opset 13 all axes from `axis` on count as one.
template <class F>
Values over_axis(const Call& call, const F& f) {
  const Value x = call.in(0);
  const bool is_old = call.opset() < 13;
  const int rank = x.shape().rank();
  const int axis = axis_of(call.integer("axis", is_old ? 1 : -1), rank);
  if (!is_old) return {f(x, axis)};
  const Value rows = reshape(x, {product(x.shape(), 0, axis), product(x.shape(), axis, rank)});
  return {reshape(f(rows, 1), x.shape())};
}

Values softmax_of(const Call& call) {
  return over_axis(call, [](const Value& x, int axis) { return softmax(x, {.axis = axis}); });
}

Values log_softmax_of(const Call& call) {
  return over_axis(call, [](const Value& x, int axis) { return log_softmax(x, {.axis = axis}); });
}

Values hardmax(const Call& call) {
  return over_axis(call, [](const Value& x, int axis) {
    const Value winner = one_hot(argmax(x, {.axis = axis}), {.classes = x.shape()[axis], .dtype = x.dtype()});
    return moved(winner, x.shape().rank() - 1, axis);
  });
}

}  // namespace

std::vector<Converter> activation_ops() {
  return {{"Celu", celu},
          {"Elu", elu_of},
          {"HardSigmoid", hard_sigmoid_of},
          {"HardSwish", plain<hard_swish>},
          {"Hardmax", hardmax},
          {"LeakyRelu", leaky},
          {"LogSoftmax", log_softmax_of},
          {"Mish", plain<mish>},
          {"PRelu", parametric},
          {"Relu", plain<relu>},
          {"Selu", scaled_elu},
          {"Shrink", shrunk},
          {"Sigmoid", plain<sigmoid>},
          {"Softmax", softmax_of},
          {"Softplus", plain<softplus_of>},
          {"Softsign", plain<softsign>},
          {"Tanh", plain<tanh>},
          {"ThresholdedRelu", thresholded}};
}

}  // namespace gradus::io::onnx
