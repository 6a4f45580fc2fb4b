// The tape of docs/from-scratch.md and Gradus, on the same numbers.
#include "from_scratch.h"

#include <gtest/gtest.h>

#include "gradus/compile.h"
#include "gradus/grad.h"
#include "gradus/ops.h"

namespace gradus {
namespace {

using scratch::Id;
using scratch::Matrix;
using scratch::Tape;

// Numbers without a pattern, all below 1.
Matrix numbers(std::size_t rows, std::size_t cols, double start) {
  return each(Matrix(rows, cols), [v = start](double) mutable { return v = std::sin(10 * v + 1); });
}

Tensor tensor(const Matrix& m) {
  return Tensor::of<double>({static_cast<std::int64_t>(m.rows), static_cast<std::int64_t>(m.cols)},
                            std::span<const double>(m.elements));
}

void expect_equal(const Matrix& tape, const Tensor& gradus) {
  ASSERT_EQ(static_cast<std::int64_t>(tape.elements.size()), gradus.size());
  for (std::size_t i = 0; i < tape.elements.size(); ++i)
    EXPECT_NEAR(tape.elements[i], gradus.at(static_cast<std::int64_t>(i)), 1e-14) << "element " << i;
}

TEST(FromScratch, GivesTheLossAndGradientsOfGradus) {
  const std::vector<std::size_t> classes = {1, 0, 2, 1, 2};
  const std::vector<Matrix> given = {numbers(5, 3, 0.1), numbers(4, 3, 0.2), numbers(1, 4, 0.3),
                                     numbers(3, 4, 0.4), numbers(1, 3, 0.5)};

  Tape tape;
  std::vector<Id> p;
  for (const Matrix& matrix : given) p.push_back(tape.leaf(matrix));
  const Id hidden = tape.sigmoid(tape.plus_row(tape.times_transposed(p[0], p[1]), p[2]));
  const Id logits = tape.plus_row(tape.times_transposed(hidden, p[3]), p[4]);
  const Id penalty =
      tape.plus(tape.scaled_sum(tape.times(p[1], p[1]), 0.05), tape.scaled_sum(tape.times(p[3], p[3]), 0.05));
  const Id total = tape.plus(tape.softmax_cross_entropy(logits, classes), penalty);
  tape.backward(total);

  Graph graph;
  Values v;
  for (const Matrix& matrix : given) v.push_back(input(graph, tensor(matrix).type()));
  const Value labels = constant(graph, Tensor::of<std::int64_t>({5}, {1, 0, 2, 1, 2}));
  const Value a = sigmoid(matmul(v[0], v[1], {.transpose_b = true}) + v[2]);
  const Value loss = softmax_cross_entropy(matmul(a, v[3], {.transpose_b = true}) + v[4], labels) +
                     0.05 * (sum(v[1] * v[1]) + sum(v[3] * v[3]));
  graph.output(loss, "loss");
  for (const Value& slope : gradients(loss, v)) graph.output(slope, "slope");
  Session session(compile(graph));
  for (std::size_t i = 0; i < given.size(); ++i) session.feed(i, tensor(given[i]));
  session.run();

  expect_equal(tape.value(total), session.output(0));
  for (std::size_t i = 0; i < given.size(); ++i) {
    SCOPED_TRACE(i);
    expect_equal(tape.gradient(p[i]), session.output(i + 1));
  }
}

// y = x x + 3 x: every use of x adds its part.
TEST(FromScratch, AddsWhatEachUseGives) {
  Tape tape;
  const Id x = tape.leaf(Matrix(1, 1, 5.0)), y = tape.plus(tape.times(x, x), tape.scaled_sum(x, 3));
  tape.backward(y);
  EXPECT_EQ(tape.value(y)(0, 0), 40);
  EXPECT_EQ(tape.gradient(x)(0, 0), 13);
}

}  // namespace
}  // namespace gradus
