#include "graph/print.h"

#include <gtest/gtest.h>

#include <limits>

#include "gradus/op_def.h"
#include "gradus/ops.h"

namespace gradus {
namespace {

TEST(Print, OneLinePerNodeAndOutput) {
  Graph graph;
  const Variable w("layers.0.weight", {DType::f32, {4, 3}});
  const Value x = input(graph, {DType::f32, {2, 3}}, "x");
  Value y;
  {
    const Graph::Scope scope(graph, "layers.0");
    y = matmul(x, read(graph, w), {.transpose_b = true}).named("h");
  }
  graph.output(sum(y, {.axes = {-1}, .keep_dims = true}), "row sums");
  EXPECT_EQ(
      print(graph),
      "%0: f32[2, 3] = input() {name=\"x\", dtype=f32, shape=shape[2, 3]} named \"x\"\n"
      "%1: f32[4, 3] = variable() {variable=parameter \"layers.0.weight\" f32[4, 3]} "
      "named \"layers.0.weight\"\n"
      "%2: f32[2, 4] = matmul(%0, %1) {transpose_a=false, transpose_b=true} in \"layers.0\" named \"h\"\n"
      "%3: f32[2, 1] = sum(%2) {axes=[-1], keep_dims=true}\n"
      "output \"row sums\" = %3\n");
}

TEST(Print, Constants) {
  Graph graph;
  const float infinity = std::numeric_limits<float>::infinity(),
              nan = std::numeric_limits<float>::quiet_NaN();
  constant(graph, Tensor::of<float>({2, 3}, {1, -0.0f, 0.1f, infinity, -infinity, nan}));
  constant(graph, Tensor::of<double>({2}, {0.1, 1e300}));
  constant(graph, Tensor::of<bool>({2}, {true, false}));
  constant(graph, Tensor::of<std::uint8_t>({3}, {0, 65, 255}));
  constant(graph, Tensor::of<std::int64_t>({}, {std::numeric_limits<std::int64_t>::min()}));
  constant(graph, Tensor(DType::f32, {0, 3}));
  constant(graph, Tensor(DType::i32, {65}));
  EXPECT_EQ(print(graph),
            "%0: f32[2, 3] = constant() {value=f32[2, 3]{1.0, -0.0, 0.1, inf, -inf, nan}}\n"
            "%1: f64[2] = constant() {value=f64[2]{0.1, 1e+300}}\n"
            "%2: bool[2] = constant() {value=bool[2]{true, false}}\n"
            "%3: u8[3] = constant() {value=u8[3]{0, 65, 255}}\n"
            "%4: i64[] = constant() {value=i64[]{-9223372036854775808}}\n"
            "%5: f32[0, 3] = constant() {value=f32[0, 3]{}}\n"
            "%6: i32[65] = constant() {value=i32[65]{...}}\n");
}

TEST(Print, VariablesOfOneNameAreToldApart) {
  Graph graph;
  const Variable a("w", {DType::f32, {2}}), b("w", {DType::f32, {2}}, Role::optimizer);
  assign(a, read(graph, b));
  EXPECT_EQ(print(graph),
            "%0: f32[2] = variable() {variable=optimizer \"w\" f32[2]} named \"w\"\n"
            "%1: f32[2] = assign(%0) {variable=parameter \"w\" f32[2] #2}\n");
}

TEST(Print, StringsAreEscaped) {
  Graph graph;
  input(graph, {DType::f32, {}}).named("a \"b\"\\\n\t\x01");
  EXPECT_EQ(
      print(graph),
      "%0: f32[] = input() {name=\"\", dtype=f32, shape=shape[]} named \"a \\\"b\\\"\\\\\\n\\t\\x01\"\n");
}

TEST(PrintDot, NodesEdgesScopesAndOutputs) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {2}}, "the \"x\"");
  Value y;
  {
    const Graph::Scope scope(graph, "layers.0");
    y = relu(x);
  }
  graph.output(y, "y");
  EXPECT_EQ(print_dot(graph),
            "digraph gradus {\n"
            "  node [style=filled];\n"
            "  n0 [label=\"input\\nthe \\\"x\\\"\", shape=ellipse, fillcolor=lightblue];\n"
            "  subgraph cluster_0 {\n"
            "    label=\"layers.0\";\n"
            "    n1 [label=\"relu\", shape=box, fillcolor=whitesmoke];\n"
            "  }\n"
            "  n0 -> n1 [label=\"f32[2]\"];\n"
            "  out0 [label=\"y\", shape=doubleoctagon, fillcolor=palegreen];\n"
            "  n1 -> out0 [label=\"f32[2]\"];\n"
            "}\n");
}

}  // namespace
}  // namespace gradus
