// Results of a graph against a golden file, on both executors.
#pragma once

#include <string>
#include <vector>

#include "gradus/compile.h"
#include "gradus/ops.h"
#include "support/evaluate.h"
#include "support/golden.h"

namespace gradus {

// The numbers of all tensors, one after the other, are those of tests/golden/FILE.txt.
inline void expect_golden(const std::vector<Tensor>& results, const std::string& file, double tolerance) {
  std::vector<double> got;
  for (const Tensor& tensor : results) {
    for (const double number : numbers(tensor)) got.push_back(number);
  }
  const std::vector<double> expected = golden::read(file);
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], tolerance) << "number " << i;
}

// The same of the values of a graph, interpreted and compiled; `inputs` in the graph's order.
inline void expect_golden(Graph& graph, const Values& results, const std::vector<Tensor>& inputs,
                          const std::string& file, double tolerance) {
  expect_golden(reference::run(graph, results, reference::feed_inputs(graph, inputs)), file, tolerance);
  for (const Value& value : results) graph.output(value, "result");
  Session session(compile(graph));
  for (std::size_t i = 0; i < inputs.size(); ++i) session.feed(i, inputs[i]);
  session.run();
  std::vector<Tensor> outputs;
  for (std::size_t i = 0; i < results.size(); ++i) outputs.push_back(session.output(i));
  expect_golden(outputs, file, tolerance);
}

}  // namespace gradus
