// The snippets of README.md and docs/backpropagation.md, on generated data: what the pages show is what runs
// here.
#include <cmath>
#include <cstdio>

#include "gradus/compile.h"
#include "gradus/data.h"
#include "gradus/grad.h"
#include "gradus/nn.h"
#include "gradus/optim.h"

using namespace gradus;

namespace {

double readme() {
  const data::Dataset train = data::make_blobs({.n_samples = {512}, .n_features = 784, .centers = 10});
  // clang-format off
  nn::Sequential net(nn::Dense({.in = 784, .out = 256}), nn::Relu(), nn::Dense({.in = 256, .out = 10}));
  optim::Adam adam(net.parameters(), {.lr = 1e-3});
  auto step = compile([&](const Value& x, const Value& labels) {  // traced once per shape
    const Value loss = softmax_cross_entropy(net(x), labels);
    adam.apply(gradients(loss, net.parameters()));                // the update is part of the graph
    return loss;
  });
  for (const auto& [x, y] : data::batches(train, {.size = 128, .seed = 1})) step(x, y);
  // clang-format on
  const auto [x, y] = *data::batches(train, {.size = 128, .seed = 1}).begin();
  return step(x, y).at(0);
}

double guide() {
  const data::Dataset train = data::make_classification({.n_samples = 99, .seed = 1});
  // clang-format off
  nn::Sequential mlp(nn::Dense({.in = 20, .out = 20}), nn::Sigmoid(), nn::Dense({.in = 20, .out = 2}));
  optim::Sgd sgd(mlp.parameters(), {.lr = 0.1f, .weight_decay = 0.01f});
  auto step = compile([&](Value x, Value labels) {        // traced once per shape
    Value loss = softmax_cross_entropy(mlp(x), labels);   // from logits: no softmax layer
    sgd.apply(gradients(loss, mlp.parameters()));         // the update is part of the graph
    return loss;
  });
  for (const auto& [x, y] : data::batches(train, {.size = 3, .seed = 1})) step(x, y);
  // clang-format on
  const auto [x, y] = *data::batches(train, {.size = 3, .seed = 1}).begin();
  return step(x, y).at(0);
}

// H v of the sum of w^4, v all ones: 12 w^2.
Tensor second_derivative() {
  const Variable weights("w", {DType::f64, {2}});
  weights.set(Tensor::of<double>({2}, {1.0, 2.0}));
  Graph graph;
  const Value w = read(graph, weights), loss = sum(square(square(w)));
  const Value v = full(graph, w.type(), 1.0);
  Value dw = gradients(loss, {w})[0];
  Value hv = gradients(sum(dw * v), {w})[0];
  graph.output(hv, "hv");
  Session session(compile(graph));
  session.run();
  return session.output(0).clone();
}

}  // namespace

int main() {
  const Tensor hv = second_derivative();
  std::printf("README's loss is %s, the guide's is %s, H v = [%g, %g]\n", readme() < 1 ? "below 1" : "large",
              guide() < 1 ? "below 1" : "large", hv.at(0), hv.at(1));
}
