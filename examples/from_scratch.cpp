// A network of two dense layers that learns two half moons, on the tape of from_scratch.h; then each of its
// gradients against a central difference.
#include "from_scratch.h"

#include <cstdio>
#include <random>

using namespace scratch;

namespace {

double uniform(std::mt19937& random, double low, double high) {
  return low + (high - low) * static_cast<double>(random()) / 4294967296.0;
}

Matrix random_matrix(std::mt19937& random, std::size_t rows, std::size_t cols) {
  const double limit = 1 / std::sqrt(static_cast<double>(cols));
  return each(Matrix(rows, cols), [&](double) { return uniform(random, -limit, limit); });
}

// Two half circles that reach into each other, with some noise.
struct Moons {
  Matrix x;
  std::vector<std::size_t> classes;
};
Moons make_moons(std::mt19937& random, std::size_t count) {
  Moons moons{Matrix(count, 2), std::vector<std::size_t>(count)};
  for (std::size_t i = 0; i < count; ++i) {
    const double angle = uniform(random, 0, 3.14159265358979);
    const std::size_t k = moons.classes[i] = i % 2;
    moons.x(i, 0) = (k == 0 ? std::cos(angle) : 1 - std::cos(angle)) + uniform(random, -0.15, 0.15);
    moons.x(i, 1) = (k == 0 ? std::sin(angle) : 0.5 - std::sin(angle)) + uniform(random, -0.15, 0.15);
  }
  return moons;
}

// The network 2-20-2: weights [20, 2] and [2, 20], biases [1, 20] and [1, 2].
using Parameters = std::vector<Matrix>;
Parameters random_parameters(std::mt19937& random) {
  return {random_matrix(random, 20, 2), Matrix(1, 20), random_matrix(random, 2, 20), Matrix(1, 2)};
}

// Where on its tape a forward pass has put things.
struct Pass {
  std::vector<Id> parameters;
  Id logits, loss;
};
Pass forward(Tape& tape, const Parameters& parameters, const Moons& data) {
  std::vector<Id> p;
  for (const Matrix& parameter : parameters) p.push_back(tape.leaf(parameter));
  const Id x = tape.leaf(data.x);
  const Id hidden = tape.sigmoid(tape.plus_row(tape.times_transposed(x, p[0]), p[1]));
  const Id logits = tape.plus_row(tape.times_transposed(hidden, p[2]), p[3]);
  Id loss = tape.softmax_cross_entropy(logits, data.classes);
  for (const Id w : {p[0], p[2]}) loss = tape.plus(loss, tape.scaled_sum(tape.times(w, w), 0.5e-4));
  return {p, logits, loss};
}

// The largest difference between a gradient and the central difference of the loss.
double largest_error(Parameters parameters, const Moons& data) {
  Tape tape;
  const Pass pass = forward(tape, parameters, data);
  tape.backward(pass.loss);
  const auto loss = [&] {
    Tape other;
    return other.value(forward(other, parameters, data).loss)(0, 0);
  };
  double largest = 0;
  const double h = 1e-5;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    for (std::size_t k = 0; k < parameters[i].elements.size(); ++k) {
      double& element = parameters[i].elements[k];
      const double before = element;
      element = before + h;
      const double above = loss();
      element = before - h;
      const double below = loss();
      element = before;
      const double exact = tape.gradient(pass.parameters[i]).elements[k];
      largest = std::max(largest, std::abs((above - below) / (2 * h) - exact));
    }
  }
  return largest;
}

double accuracy(const Matrix& logits, const std::vector<std::size_t>& classes) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < logits.rows; ++i) right += (logits(i, 1) > logits(i, 0)) == (classes[i] == 1);
  return static_cast<double>(right) / static_cast<double>(logits.rows);
}

}  // namespace

int main() {
  std::mt19937 random(1);
  const Moons train = make_moons(random, 200), test = make_moons(random, 200);
  Parameters parameters = random_parameters(random);
  const double error = largest_error(parameters, train);
  std::printf("gradients and central differences: %s (%.0e)\n", error < 1e-9 ? "agree" : "differ", error);

  for (int step = 0; step <= 2000; ++step) {
    Tape tape;
    const Pass pass = forward(tape, parameters, train);
    tape.backward(pass.loss);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      parameters[i] = each(parameters[i], tape.gradient(pass.parameters[i]),
                           [](double w, double dw) { return w - 1.0 * dw; });
    }
    if (step % 500 == 0) std::printf("step %4d: loss %.4f\n", step, tape.value(pass.loss)(0, 0));
  }

  Tape tape;
  const Pass pass = forward(tape, parameters, test);
  std::printf("test accuracy: %.3f\n", accuracy(tape.value(pass.logits), test.classes));
}
