// What only slices read is made in parts: where, and that no bit changes.
#include "compiler/parts.h"

#include "compiler/pass.h"
#include "kernels/kernels.h"
#include "ops/defs.h"
#include "ops/support/parts.h"
#include "support/dense_block.h"

namespace gradus {
namespace {

Graph in_parts(const Graph& graph) {
  return make_parts(cse(expand(cse(fold(graph)))), fuse_rules(), part_along);
}

// Slices of sums and products.
std::size_t slices_of_sums(const Graph& graph) {
  std::size_t n = 0;
  for (const Node& node : graph.nodes()) {
    if (node.op != &slice_op || node.out[0].shape.rank() < 2) continue;
    const OpDef* const maker = node.in[0].node().op;
    n += maker == &add_op || maker == &mul_op;
  }
  return n;
}

std::vector<Tensor> run(const Graph& graph, const CompileOptions& options) {
  Session session(compile(graph, options), {.poison = true});
  for (std::size_t i = 0; i < session.inputs(); ++i)
    session.feed(i, random_tensor(session.input(i).type(), i, 0.7));
  session.run();
  std::vector<Tensor> results;
  for (const Tensor& output : session.outputs()) results.push_back(output.clone());
  return results;
}

// A sum that grows as it is carried along: the last columns are taken, the others go on.
struct Carried {
  Graph graph;
  Values terms;

  explicit Carried(bool shown = false, std::int64_t overlap = 0) {
    Value sum;
    for (const std::int64_t width : {10, 7, 4}) {
      terms.push_back(input(graph, {DType::f32, {8, width}}, "term"));
      sum = sum ? columns(sum, 0, width) + terms.back() : terms.back() * 2.0;
      if (shown && width == 7) graph.output(sum, "sum");
      graph.output(matmul(transpose(columns(sum, width - 3 - overlap, width)), sum_of(width)), "taken");
    }
  }
  Value sum_of(std::int64_t width) { return input(graph, {DType::f32, {8, width}}, "other"); }
};

TEST(Parts, OfACarriedSumAreSumsOfParts) {
  const Carried carried;
  const Graph result = prune(in_parts(carried.graph));
  EXPECT_EQ(slices_of_sums(carried.graph), 5u);
  EXPECT_EQ(slices_of_sums(result), 0u);
  for (const Node& node : result.nodes())
    if (node.op == &add_op) {
      EXPECT_EQ(node.out[0].shape, Shape({8, 3}));
    }
  expect_values(carried.graph, 1e-5);
}

TEST(Parts, WhatIsReadAsAWholeStaysWhole) {
  // Of the sum that is shown, and so of all that it is made of.
  const Carried shown(true);
  EXPECT_GT(slices_of_sums(in_parts(shown.graph)), 0u);
  expect_values(shown.graph, 1e-5);
  // Parts that overlap would be made twice.
  const Carried twice(false, 1);
  EXPECT_EQ(slices_of_sums(in_parts(twice.graph)), 5u);
  expect_values(twice.graph, 1e-5);
  // Slices of one value and no sum: who makes it writes its parts.
  Graph gates;
  const Value x = input(gates, {DType::f32, {8, 6}}, "x") * 3.0;
  gates.output(exp(columns(x, 0, 3)) * columns(x, 3, 6), "y");
  EXPECT_EQ(slices_of_sums(in_parts(gates)), 2u);
  // Along different axes.
  Graph crossed;
  const Value z = input(crossed, {DType::f32, {8, 6}}, "x") * 3.0;
  const Value left = relu(columns(z, 0, 3));
  crossed.output(matmul(columns(left, 0, 2), input(crossed, {DType::f32, {2, 2}}, "w")), "left");
  crossed.output(slice(z, {.begin = {0, 0}, .end = {2, 6}}), "top");
  EXPECT_EQ(slices_of_sums(in_parts(crossed)), 2u);
  expect_values(crossed, 1e-5);
}

// A number for each row is there for every part, and a number for each column is cut.
TEST(Parts, CutWhatIsStretched) {
  Graph graph;
  const auto in = [&](Shape shape) { return input(graph, {DType::f32, shape}, "x"); };
  const Value whole = (in({8, 9}) * in({8, 1}) + in({9})) * in({}) - in({1, 9});
  const Value rest = relu(columns(whole, 0, 6));
  for (const Value& part : {columns(whole, 6, 9), columns(rest, 0, 2), columns(rest, 2, 6)})
    graph.output(matmul(transpose(part), part), "y");
  EXPECT_EQ(slices_of_sums(in_parts(graph)), 0u);
  expect_values(graph, 1e-5);
}

TEST(Parts, OfADenseBlockHaveTheBitsOfTheWhole) {
  for (const DType dtype : {DType::f32, DType::f64}) {
    for (const std::int64_t growth : {1, 3, 12}) {
      const DenseBlock block(dtype, 300, 5, 7, growth);
      EXPECT_EQ(slices_of_sums(prune(in_parts(block.graph))), 0u);
      const std::vector<Tensor> whole = run(block.graph, {.threads = 1, .disabled_passes = {"parts"}});
      for (const int threads : {1, 2}) {
        const std::vector<Tensor> parts = run(block.graph, {.threads = threads});
        for (std::size_t i = 0; i < whole.size(); ++i)
          EXPECT_TRUE(parts[i].same_bits(whole[i])) << "output " << i << ", growth " << growth;
      }
    }
  }
}

// Each layer writes what reaches the others part by part, beside its sums; nothing as wide as the block is
// carried along.
TEST(Parts, AreWrittenByTheNodeThatMakesThem) {
  const DenseBlock block(DType::f32, 300, 5, 16, 12);
  const Graph result = prune(fuse(cse(in_parts(block.graph)), fuse_rules()));
  std::size_t written = 0;
  for (const Node& node : result.nodes()) {
    if (node.op == &slice_op) {
      EXPECT_LT(node.in[0].shape().size(), 300) << node.where();
    }
    if (node.op != &fused_op) continue;
    const FusedBody& body = *node.attr<FusedOptions>().body;
    for (const FusedBody::Step& step : body.steps) {
      if (step.op != &slice_op || step.out.shape.rank() < 2) continue;
      ++written;
      EXPECT_GE(step.in[0], static_cast<int>(body.inputs.size()))
          << node.where() << " reads it from the whole";
      EXPECT_LE(step.out.shape[1], 16) << node.where();
    }
  }
  EXPECT_EQ(written, 14u);  // of 5, 4, 3 and 2 parts
}

}  // namespace
}  // namespace gradus
