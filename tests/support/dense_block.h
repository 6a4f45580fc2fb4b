// A small dense block as a graph, and compiled graphs against the plain kernels.
#pragma once

#include <gtest/gtest.h>

#include <cmath>

#include "gradus/compile.h"
#include "gradus/grad.h"
#include "gradus/ops.h"
#include "support/evaluate.h"

namespace gradus {

inline std::size_t count(const Graph& graph, const OpDef& op) {
  std::size_t n = 0;
  for (const Node& node : graph.nodes()) n += node.op == &op;
  return n;
}

inline Value columns(const Value& x, std::int64_t from, std::int64_t to) {
  SliceOptions cut{.begin = std::vector<std::int64_t>(static_cast<std::size_t>(x.shape().rank())),
                   .end = x.shape().list()};
  cut.begin.back() = from;
  cut.end.back() = to;
  return slice(x, cut);
}

// Compiled, with memory that was filled with NaN, against the plain kernels.
inline void expect_values(const Graph& graph, double tolerance, int threads = 2) {
  Values wanted;
  for (const auto& [name, value] : graph.outputs()) wanted.push_back(value);
  std::vector<Tensor> inputs;
  for (const Value& in : graph.inputs()) inputs.push_back(random_tensor(in.type(), inputs.size() + 1));
  const auto expected = reference::run(graph, wanted, reference::feed_inputs(graph, inputs));
  Session session(compile(graph, {.threads = threads}), {.poison = true});
  for (std::size_t i = 0; i < inputs.size(); ++i) session.feed(i, inputs[i]);
  session.run();
  for (std::size_t k = 0; k < expected.size(); ++k) {
    const std::vector<double> a = numbers(session.output(k)), b = numbers(expected[k]);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
      ASSERT_NEAR(a[i], b[i], tolerance * (1 + std::abs(b[i]))) << "output " << k << ", element " << i;
  }
}

// The layers of a dense block: batch norm of what all before them gave, relu, product.
struct DenseBlock {
  Graph graph;

  explicit DenseBlock(DType dtype, std::int64_t rows, int layers, std::int64_t first = 5,
                      std::int64_t growth = 3) {
    const Value x = input(graph, {dtype, {rows, first}}, "x");
    Values parameters = {x};
    Value y = x * 2.0;
    for (int i = 0; i < layers; ++i) {
      const std::int64_t width = first + i * growth;
      const Value scale = input(graph, {dtype, {width}}, "scale"),
                  shift = input(graph, {dtype, {width}}, "shift"),
                  weight = input(graph, {dtype, {width, growth}}, "weight");
      const Value h = matmul(relu(batch_norm(y, scale, shift, {.axis = 1}).y), weight);
      y = concat({y, h}, {.axis = 1});
      parameters.insert(parameters.end(), {scale, shift, weight});
    }
    const Value loss = sum(square(y)) * (1.0 / static_cast<double>(rows));
    graph.output(loss, "loss");
    for (const Value& slope : gradients(loss, parameters)) graph.output(slope, "slope");
  }
};

}  // namespace gradus
