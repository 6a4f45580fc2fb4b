// Training: one step of an optimizer, and gradients (domain ai.onnx.preview.training).
#include "gradus/grad.h"
#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {
namespace {

constexpr std::string_view kDomain = "ai.onnx.preview.training";

// Inputs R (rate), T (steps before), then `kinds` lists of tensors: the weights X, their gradients G, and
// what the optimizer remembers.
struct Step {
  Value rate, count;
  std::vector<Values> lists;

  std::size_t tensors() const { return lists[0].size(); }
};

Step step_of(const Call& call, std::size_t kinds) {
  require(call.inputs() > 2 && (call.inputs() - 2) % kinds == 0,
          "inputs R, T and {} for each tensor were needed.", kinds);
  const std::size_t tensors = (call.inputs() - 2) / kinds;
  Step step{.rate = reshape(call.in(0), {}), .count = reshape(call.in(1), {}), .lists = {}};
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    Values list;
    for (std::size_t i = 0; i < tensors; ++i) list.push_back(call.in(2 + kind * tensors + i));
    step.lists.push_back(list);
  }
  return step;
}

// Outputs come kind by kind, too.
Values in_order(const std::vector<Values>& lists) {
  Values all;
  for (const Values& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

// The gradient of norm_coefficient / 2 ||X||^2 with it.
Value regularized(const Call& call, const Value& x, const Value& g) {
  return g + x * call.real("norm_coefficient", 0);
}

Values adagrad(const Call& call) {
  const Step step = step_of(call, 3);
  const Value rate = step.rate / (cast(step.count, step.rate.dtype()) * call.real("decay_factor", 0) + 1.0);
  const double epsilon = call.real("epsilon", 1e-6);
  std::vector<Values> out(2);
  for (std::size_t i = 0; i < step.tensors(); ++i) {
    const Value x = step.lists[0][i], g = regularized(call, x, step.lists[1][i]);
    const Value h = step.lists[2][i] + square(g);
    out[0].push_back(x - rate * g / (sqrt(h) + epsilon));
    out[1].push_back(h);
  }
  return in_order(out);
}

Values adam(const Call& call) {
  const Step step = step_of(call, 4);
  const double alpha = call.real("alpha", 0.9), beta = call.real("beta", 0.999),
               epsilon = call.real("epsilon", 1e-6);
  const Value t = cast(step.count, step.rate.dtype());
  const auto power = [&](double base) { return pow(number(t, base), t); };
  const Value corrected = step.rate * sqrt(1.0 - power(beta)) / (1.0 - power(alpha));
  const Value rate = select(greater(t, number(t, 0)), corrected, step.rate);
  const double kept = 1 - call.real("norm_coefficient_post", 0);
  std::vector<Values> out(3);
  for (std::size_t i = 0; i < step.tensors(); ++i) {
    const Value x = step.lists[0][i], g = regularized(call, x, step.lists[1][i]);
    const Value v = step.lists[2][i] * alpha + g * (1 - alpha);
    const Value h = step.lists[3][i] * beta + square(g) * (1 - beta);
    out[0].push_back((x - rate * v / (sqrt(h) + epsilon)) * kept);
    out[1].push_back(v);
    out[2].push_back(h);
  }
  return in_order(out);
}

Values momentum(const Call& call) {
  const Step step = step_of(call, 3);
  const double alpha = call.real("alpha", 0), beta = call.real("beta", 0);
  const std::string mode = call.text("mode", "");
  require(mode == "standard" || mode == "nesterov", "mode must be standard or nesterov, it is '{}'.", mode);
  const Value t = cast(step.count, step.rate.dtype());
  const Value share = select(greater(t, number(t, 0)), number(t, beta), number(t, 1));  // 1 at first
  std::vector<Values> out(2);
  for (std::size_t i = 0; i < step.tensors(); ++i) {
    const Value x = step.lists[0][i], g = regularized(call, x, step.lists[1][i]);
    const Value v = step.lists[2][i] * alpha + g * share;
    out[0].push_back(x - step.rate * (mode == "nesterov" ? g + v * alpha : v));
    out[1].push_back(v);
  }
  return in_order(out);
}

// dy / dx for the tensors named xs; inputs named zs are constants for it.
Values gradient(const Call& call) {
  const std::vector<std::string> xs = call.texts("xs"), zs = call.texts("zs");
  const std::string y = call.text("y", "");
  require(!xs.empty() && call.inputs() == xs.size() + zs.size(), "inputs must be those named by xs and zs.");
  Values wanted;
  for (const std::string& x : xs) wanted.push_back(call.named(x));
  return gradients(call.named(y), wanted);
}

}  // namespace

std::vector<Converter> optimizer_ops() {
  return {{"Adagrad", adagrad, kDomain},
          {"Adam", adam, kDomain},
          {"Gradient", gradient, kDomain},
          {"Momentum", momentum, kDomain}};
}

}  // namespace gradus::io::onnx
