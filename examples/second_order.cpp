// Gradients of gradients: Newton's method for logistic regression. Each step solves H d = g by conjugate
// gradients, and H is never formed: a Hessian-vector product is one more gradient in the same graph.
#include <cmath>
#include <cstdio>
#include <vector>

#include "gradus/compile.h"
#include "gradus/data.h"
#include "gradus/grad.h"
#include "gradus/nn.h"

using namespace gradus;

namespace {

double dot(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (std::int64_t i = 0; i < a.size(); ++i) sum += a.at(i) * b.at(i);
  return sum;
}

void add_scaled(const Tensor& y, double scale, const Tensor& x) {
  for (std::int64_t i = 0; i < y.size(); ++i) y.set(i, y.at(i) + scale * x.at(i));
}

}  // namespace

int main() {
  const data::Dataset set = data::make_classification({.n_samples = 200, .n_features = 5, .seed = 3});
  const Variable w("w", {DType::f64, {5, 1}});

  Graph graph;
  const Value x = input(graph, set.x.type(), "x");
  const Value labels = input(graph, {DType::f64, {200, 1}}, "labels");
  const Value v = input(graph, w.type(), "v");
  const Value weights = read(graph, w);
  const Value loss = sigmoid_cross_entropy(matmul(x, weights), labels) + 0.005 * sum(weights * weights);
  const Value gradient = gradients(loss, Values{weights})[0];
  const Value product = hessian_vector_product(loss, {weights}, {v})[0];
  graph.output(loss, "loss");
  graph.output(gradient, "gradient");
  graph.output(product, "Hv");

  Session session(compile(graph));
  session.feed(0, set.x);
  session.feed(1, set.y.cast(DType::f64).reshaped({200, 1}));

  double norm = 1;
  for (int step = 0; norm >= 1e-8 && step < 20; ++step) {
    session.run();
    const Tensor g = session.output(1).clone();
    norm = std::sqrt(dot(g, g));
    std::printf("step %d: loss %.6f, gradient norm %.1e\n", step, session.output(0).at(0), norm);

    Tensor d(w.type()), residual = g.clone(), direction = g.clone();
    for (int i = 0; i < 5 && dot(residual, residual) > 1e-28; ++i) {
      session.feed(2, direction);
      session.run();
      const Tensor& h = session.output(2);
      const double before = dot(residual, residual), alpha = before / dot(direction, h);
      add_scaled(d, alpha, direction);
      add_scaled(residual, -alpha, h);
      const double beta = dot(residual, residual) / before;
      for (std::int64_t k = 0; k < 5; ++k) direction.set(k, residual.at(k) + beta * direction.at(k));
    }
    add_scaled(w.value(), -1, d);
  }
  if (norm < 1e-8) std::printf("Newton's method is done: gradient norm below 1e-8\n");
}
