// A training loop by hand: the graph gives loss and gradients, the update is ordinary C++. Fits
// y = 2 x - 1, then compares one gradient with a central difference.
#include <cmath>
#include <cstdio>

#include "gradus/compile.h"
#include "gradus/grad.h"
#include "gradus/ops.h"

using namespace gradus;

int main() {
  const Tensor x = Tensor::of<double>({4, 1}, {-1.0, 0.0, 1.0, 2.0});
  const Tensor target = Tensor::of<double>({4, 1}, {-3.0, -1.0, 1.0, 3.0});
  const Variable w("w", {DType::f64, {1, 1}}), b("b", {DType::f64, {1}});

  Graph graph;
  const Value input_x = input(graph, x.type(), "x"), input_t = input(graph, target.type(), "target");
  const Value y = matmul(input_x, read(graph, w)) + read(graph, b);
  const Value loss = mean_squared_error(y, input_t);
  const Values slopes = gradients(loss, {w, b});
  graph.output(loss, "loss");
  graph.output(slopes[0], "dw");
  graph.output(slopes[1], "db");

  Session session(compile(graph));
  session.feed(0, x);
  session.feed(1, target);
  for (int step = 0; step < 200; ++step) {
    session.run();
    w.value().values<double>()[0] -= 0.1 * session.output(1).at(0);
    b.value().values<double>()[0] -= 0.1 * session.output(2).at(0);
  }
  std::printf("w = %.4f, b = %.4f\n", w.value().at(0), b.value().at(0));

  const double h = 1e-5;
  const auto loss_at = [&](double value) {
    w.value().set(0, value);
    session.run();
    return session.output(0).at(0);
  };
  const double numeric = (loss_at(3 + h) - loss_at(3 - h)) / (2 * h);
  loss_at(3);
  const double exact = session.output(1).at(0);
  std::printf("dL/dw at w = 3: %.8f by the chain rule, %.8f by differences: they %s\n", exact, numeric,
              std::abs(exact - numeric) < 1e-6 ? "agree" : "differ");
}
