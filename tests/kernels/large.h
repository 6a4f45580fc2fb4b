// Kernels at sizes where they change their ways, against the reference and on several threads.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "base/philox.h"
#include "gradus/compile.h"
#include "gradus/ops.h"
#include "kernels/reference/run.h"

namespace gradus {

inline Tensor random_tensor(const Type& type, std::uint32_t stream) {
  Tensor tensor(type);
  const RandomSequence random(3, stream);
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    const double u = random.uniform(static_cast<std::uint64_t>(i));
    tensor.set(i, is_float(type.dtype) ? 2 * u - 1 : std::floor(10 * u));
  }
  return tensor;
}

struct LargeCase {
  std::string name;
  std::vector<Type> in;
  std::function<Value(const Values&)> build;
  std::string kernel;                            // that must have served it
  bool same_bits = true;                         // for any number of threads
  std::vector<std::string> disabled = {"fuse"};  // passes
};

inline void PrintTo(const LargeCase& c, std::ostream* out) { *out << c.name; }

inline Tensor run_compiled(const LargeCase& c, const std::vector<Tensor>& inputs, int threads,
                           std::string* kernels = nullptr) {
  Graph graph;
  Values values;
  for (const Type& type : c.in) values.push_back(input(graph, type, "x"));
  graph.output(c.build(values), "y");
  const auto program = compile(graph, {.threads = threads, .disabled_passes = c.disabled});
  if (kernels) *kernels = describe(*program);
  Session session(program, {.poison = true});
  for (std::size_t i = 0; i < inputs.size(); ++i) session.feed(i, inputs[i]);
  session.run();
  session.run();
  return session.output(0).clone();
}

// The compiled result is the reference's up to rounding (or up to `tolerance` times the largest element), and
// the same bits on any number of threads.
inline void expect_agreement(const LargeCase& c, double tolerance = 0) {
  std::vector<Tensor> inputs;
  for (const Type& type : c.in)
    inputs.push_back(random_tensor(type, static_cast<std::uint32_t>(inputs.size())));
  Graph graph;
  Values values;
  for (const Type& type : c.in) values.push_back(input(graph, type, "x"));
  const Tensor expected = reference::run(graph, {c.build(values)}, reference::feed_inputs(graph, inputs))[0];

  std::string kernels;
  const Tensor one = run_compiled(c, inputs, 1, &kernels);
  EXPECT_NE(kernels.find(c.kernel), std::string::npos) << kernels;
  double largest = 0;
  for (std::int64_t i = 0; i < expected.size(); ++i) largest = std::max(largest, std::abs(expected.at(i)));
  tolerance = std::max(tolerance, expected.dtype() == DType::f64 ? 1e-12 : 1e-5) * largest;
  for (std::int64_t i = 0; i < expected.size(); ++i) {
    ASSERT_LE(std::abs(one.at(i) - expected.at(i)), tolerance) << "element " << i;
  }
  for (const int threads : {2, 3}) {
    const Tensor several = run_compiled(c, inputs, threads);
    if (c.same_bits) {
      EXPECT_TRUE(several.same_bits(one)) << threads << " threads";
    }
    for (std::int64_t i = 0; i < expected.size(); ++i) {
      ASSERT_LE(std::abs(several.at(i) - expected.at(i)), tolerance)
          << "element " << i << ", " << threads << " threads";
    }
  }
}

}  // namespace gradus
