// Each pass: a graph in, the graph expected out.
#include <gtest/gtest.h>

#include "compiler/pass.h"
#include "gradus/ops.h"
#include "graph/print.h"

namespace gradus {
namespace {

const Type kRow{DType::f32, {3}};

std::vector<std::string> ops_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes()) names.push_back(node.op->name);
  return names;
}

using Names = std::vector<std::string>;

TEST(Prune, DropsWhatNobodyNeedsAndKeepsInputsAndWrites) {
  Graph graph;
  const Value x = input(graph, kRow, "x");
  input(graph, kRow, "unused");
  exp(x);  // a dead end
  const Variable w("w", kRow);
  assign(w, read(graph, w) + x);
  graph.output(neg(x), "y");
  EXPECT_EQ(ops_of(prune(graph)), (Names{"input", "input", "variable", "add", "assign", "neg"}));
}

TEST(Fold, EvaluatesConstantsOnce) {
  Graph graph;
  const Value x = input(graph, {DType::f64, {}}, "x");
  const Value c = exp(scalar(graph, 2.0, DType::f64) - 2.0);
  graph.output(x * (c + 3.0), "y");
  const Graph folded = prune(fold(graph));
  EXPECT_EQ(print(folded),
            "%0: f64[] = input() {name=\"x\", dtype=f64, shape=shape[]} named \"x\"\n"
            "%1: f64[] = constant() {value=f64[]{4.0}}\n"
            "%2: f64[] = mul(%0, %1)\n"
            "output \"y\" = %2\n");
}

TEST(Fold, ReadsTheInputOfAStretch) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {4, 3}}, "x"), row = input(graph, kRow, "row");
  graph.output(x * broadcast_to(row, {4, 3}), "y");
  const Graph folded = prune(fold(graph));
  EXPECT_EQ(ops_of(folded), (Names{"input", "input", "mul"}));
}

TEST(Fold, KeepsAStretchThatGivesTheShape) {
  Graph graph;
  const Value row = input(graph, kRow, "row");
  graph.output(exp(broadcast_to(row, {4, 3})), "y");
  EXPECT_EQ(ops_of(prune(fold(graph))), (Names{"input", "exp", "broadcast_to"}));
}

TEST(Fold, StretchesWhatSmallInputsGive) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {4, 3}}, "x"), row = input(graph, kRow, "row");
  graph.output(x + broadcast_to(row, {4, 3}) * 2.0, "y");
  const Graph folded = prune(fold(graph));
  EXPECT_EQ(ops_of(folded), (Names{"input", "input", "constant", "mul", "add"}));
  EXPECT_EQ(folded.node(3).out[0], kRow);
}

TEST(Fold, KeepsAStretchThatItsReaderNeeds) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {4}}, "x");
  graph.output(sigmoid_cross_entropy(x, full(graph, x.type(), 1), {.reduction = Reduction::none}), "loss");
  EXPECT_EQ(ops_of(prune(fold(graph))),
            (Names{"input", "constant", "broadcast_to", "sigmoid_cross_entropy"}));
}

TEST(Fold, DropsNeutralElements) {
  Graph graph;
  const Value x = input(graph, kRow, "x");
  graph.output((x * 1.0) + 0.0, "y");
  EXPECT_EQ(ops_of(prune(fold(graph))), (Names{"input"}));
}

TEST(Fold, KeepsANeutralElementThatWidens) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {1}}, "x");
  graph.output(x * constant(graph, Tensor::of<float>({3}, {1.0f, 1.0f, 1.0f})), "y");
  EXPECT_EQ(ops_of(prune(fold(graph))), (Names{"input", "constant", "mul"}));
}

TEST(Fold, LeavesLargeResultsToTheRun) {
  Graph graph;
  const Value wide =
      matmul(constant(graph, Tensor(DType::f32, {1000, 1})), constant(graph, Tensor(DType::f32, {1, 1000})));
  graph.output(wide, "y");
  EXPECT_EQ(ops_of(prune(fold(graph))), (Names{"constant", "constant", "matmul"}));
}

TEST(Cse, MergesEqualNodesWithEqualOptionsOnly) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {2, 3}}, "x");
  const Value a = sum(x, {.axes = {0}}), b = sum(x, {.axes = {0}}), c = sum(x, {.axes = {1}});
  graph.output(a + b, "y");
  graph.output(c, "z");
  EXPECT_EQ(ops_of(prune(cse(graph))), (Names{"input", "sum", "sum", "add"}));
}

TEST(Cse, NeverMergesInputsOrWrites) {
  Graph graph;
  input(graph, kRow, "x");
  input(graph, kRow, "x");
  const Value one = scalar(graph, 1.0);
  const Variable a("a", {DType::f32, {}}), b("b", {DType::f32, {}});
  assign(a, one);
  assign(b, one);
  EXPECT_EQ(ops_of(cse(graph)), (Names{"input", "input", "constant", "assign", "assign"}));
}

TEST(Cse, KeepsRandomStreamsApart) {
  Graph graph;
  const Value counter = input(graph, {DType::i64, {2}}, "counter");
  const Value a = random_uniform(counter, {.shape = {3}, .stream = 1});
  const Value b = random_uniform(counter, {.shape = {3}, .stream = 2});
  const Value c = random_uniform(counter, {.shape = {3}, .stream = 1});
  graph.output(a + b + c, "y");
  EXPECT_EQ(ops_of(prune(cse(graph))), (Names{"input", "random_uniform", "random_uniform", "add", "add"}));
}

}  // namespace
}  // namespace gradus
