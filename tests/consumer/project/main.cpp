// What a program outside the project does with the library: it trains, adds an op of its own, and catches
// faults. Some of it works only if types mean the same on both sides of a shared library.
#include <cstdio>
#include <memory>
#include <typeinfo>

#include "gradus/compile.h"
#include "gradus/data.h"
#include "gradus/grad.h"
#include "gradus/inference.h"
#include "gradus/nn.h"
#include "gradus/op_def.h"
#include "gradus/optim.h"
#include "gradus/train.h"

using namespace gradus;

namespace {

int failures = 0;

void check(bool holds, const char* what) {
  std::printf("%s %s\n", holds ? "ok    " : "FAILED", what);
  failures += holds ? 0 : 1;
}

// y = scale x, as an op of the program's own.
struct ScaleOptions {
  double scale = 1;
  static void fields(auto& self, auto&& visit) { visit("scale", self.scale); }
};

Types infer(const ScaleOptions&, std::span<const Type> in) { return in[0]; }

extern const OpDef scale_op;
Values vjp(const Node& n, const Value&, const Value& dy) { return {dy.graph().add(scale_op, n.attrs, {dy})}; }

void reference(const ScaleOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  for (std::int64_t i = 0; i < in[0].size(); ++i) out[0].set(i, op.scale * in[0].at(i));
}

const OpDef scale_op = define<ScaleOptions>({.name = "consumer.scale",
                                             .inputs = {"x"},
                                             .kind = OpDef::elementwise,
                                             .infer = infer,
                                             .vjp = vjp,
                                             .reference = reference});

void training() {
  const data::Dataset points = data::make_moons({.n_samples = {100}, .noise = 0.1, .seed = 1});
  nn::Sequential net(nn::Dense({.in = 2, .out = 16}), nn::Tanh(), nn::Dense({.in = 16, .out = 2}));
  optim::Adam adam(net.parameters(), {.lr = 0.01});
  auto step = compile([&](const Value& x, const Value& labels) {
    const Value loss = softmax_cross_entropy(net(x), labels);
    adam.apply(gradients(loss, net.parameters()));
    return loss;
  });
  double first = 0, last = 0;
  for (int epoch = 0; epoch < 100; ++epoch) {
    for (const auto& [x, y] : data::batches(points, {.size = 50, .seed = 1, .epoch = epoch})) {
      last = step(x, y).at(0);
      if (first == 0) first = last;
    }
  }
  std::printf("loss %.4f, after 200 steps %.4f\n", first, last);
  check(last < 0.5 * first, "training lowers the loss");
}

void own_op() {
  auto slope = compile([](const Value& x) {
    const Value y = sum(x.graph().add(scale_op, ScaleOptions{2.5}, {x}));
    return gradients(y, Values{x})[0];
  });
  check(slope(Tensor::of<double>({3}, {1, 2, 3})).at(1) == 2.5,
        "an op of the program's own has its gradient");
}

void types_cross() {
  Graph graph;
  const Value x = input(graph, {DType::f64, {2}}, "x");
  check(softplus(x, {.beta = 3}).node().attr<SoftplusOptions>().beta == 3, "options of the library are read");
  bool same = false;
  try {
    matmul(x, input(graph, {DType::f64, {3, 4}}, "w"));
  } catch (const std::exception& error) {
    const auto* fault = dynamic_cast<const Error*>(&error);
    same = fault != nullptr && fault->fault() == Fault::model && typeid(error) == typeid(Error);
  }
  check(same, "an error of the library is caught as what it is");
  bool told = false;
  try {
    train::import_onnx("there-is-no-such-file.onnx");
  } catch (const Error&) {
    told = true;
  }
  check(told, "ONNX files, or word that the build has no support for them");
  const std::shared_ptr<nn::Layer> layer = std::make_shared<nn::Dense>(nn::DenseOptions{.in = 2, .out = 1});
  check(dynamic_cast<const nn::Dense*>(layer.get()) != nullptr, "a layer knows its type");
}

}  // namespace

int main() {
  training();
  own_op();
  types_cross();
  return failures == 0 ? 0 : 1;
}
