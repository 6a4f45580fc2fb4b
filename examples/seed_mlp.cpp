// The network that started the project: 20-20-2, sigmoid, softmax cross-entropy, L2 0.01, learning rate
// 0.1, on 100 generated examples. Trained on 70 of them, tested on the 30 others.
#include <cstdio>

#include "gradus/compile.h"
#include "gradus/data.h"
#include "gradus/grad.h"
#include "gradus/nn.h"
#include "gradus/optim.h"

using namespace gradus;

int main() {
  const data::Dataset all = data::make_classification({.n_samples = 100, .n_features = 20, .seed = 1});
  const data::Splits parts = data::split(all, {.test = 0.3, .seed = 1});

  const auto init = nn::Initializer::uniform_fan_in();  // U(-1/sqrt(fan_in), 1/sqrt(fan_in)), zero biases
  nn::Sequential net(nn::Dense({.in = 20, .out = 20, .init = init}), nn::Sigmoid(),
                     nn::Dense({.in = 20, .out = 2, .init = init}));
  optim::Sgd sgd(net.parameters(), {.lr = 0.1});

  // Forward, backward and update are one program, made once for each batch size.
  auto step = compile([&](const Value& x, const Value& labels) {
    const Value loss = softmax_cross_entropy(net(x), labels) + nn::l2(x.graph(), net.parameters(), 0.01);
    sgd.apply(gradients(loss, net.parameters()));
    return loss;
  });

  for (int epoch = 0; epoch < 200; ++epoch) {
    double loss = 0;
    for (const auto& [x, y] : data::batches(parts.train, {.size = 10, .seed = 1, .epoch = epoch})) {
      loss = step(x, y).at(0);
    }
    if (epoch % 50 == 49) std::printf("epoch %3d: loss %.4f\n", epoch + 1, loss);
  }

  auto classify = compile([&](const Value& x) { return argmax(net(x)); });
  int right = 0, rows = 0;
  for (const auto& [x, y] : data::batches(*parts.test, {.size = 30, .shuffle = false})) {
    const Tensor guess = classify(x);
    for (int i = 0; i < 30; ++i, ++rows) right += guess.at(i) == y.at(i);
  }
  std::printf("test accuracy: %.2f on %d rows it never saw\n", static_cast<double>(right) / rows, rows);
}
