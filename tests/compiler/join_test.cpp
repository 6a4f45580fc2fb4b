// Concatenations and slices in fused nodes: which are taken in, that values and gradients stay, and that
// nothing is stored for them.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "compiler/fuse.h"
#include "compiler/pass.h"
#include "gradus/compile.h"
#include "gradus/grad.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "ops/defs.h"
#include "support/dense_block.h"
#include "support/evaluate.h"

namespace gradus {
namespace {

using Lists = std::vector<std::vector<std::string>>;

// The steps of each node that carries out several.
Lists fused_steps(const Graph& graph) {
  Lists list;
  const Graph result = fuse(cse(expand(graph)), fuse_rules());
  for (const Node& node : result.nodes()) {
    if (node.op != &fused_op) continue;
    list.emplace_back();
    for (const FusedBody::Step& step : node.attr<FusedOptions>().body->steps)
      list.back().push_back(step.op->name);
  }
  return list;
}

TEST(Join, PiecesAreReadWhereTheyAre) {
  Graph graph;
  const Value a = input(graph, {DType::f32, {6, 3}}, "a"), b = input(graph, {DType::f32, {6, 1}}, "b"),
              row = input(graph, {DType::f32, {4}}, "row");
  graph.output(relu(concat({a, b}, {.axis = 1}) * row), "y");
  EXPECT_EQ(fused_steps(graph), (Lists{{"concat", "mul", "relu"}}));
}

TEST(Join, SlicesAreReadWhereTheyAre) {
  Graph graph;
  const Value wide = input(graph, {DType::f32, {6, 7}}, "wide"), x = input(graph, {DType::f32, {6, 4}}, "x");
  graph.output(columns(wide, 0, 4) + x, "y");
  EXPECT_EQ(fused_steps(graph), (Lists{{"slice", "add"}}));
}

TEST(Join, PartsAreWrittenInsteadOfTheWhole) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {6, 7}}, "x"), row = input(graph, {DType::f32, {7}}, "row");
  const Value y = x * row;
  graph.output(columns(y, 0, 4), "left");
  graph.output(matmul(columns(y, 4, 7), transpose(columns(y, 4, 7))), "right");
  EXPECT_EQ(fused_steps(graph), (Lists{{"mul", "slice", "slice"}}));
  expect_values(graph, 1e-5);

  // What is stored anyway is read there.
  graph.output(y, "whole");
  graph.output(relu(columns(y, 0, 2)), "piece");
  EXPECT_EQ(fused_steps(graph), (Lists{{"slice", "relu"}}));
  expect_values(graph, 1e-5);
}

TEST(Join, PartsOfLongRowsStayApart) {
  for (const std::int64_t width : {1024, 1025}) {
    Graph graph;
    const Value y = relu(input(graph, {DType::f32, {3, width}}, "x"));
    graph.output(columns(y, 0, 4), "left");
    graph.output(columns(y, 4, width), "right");
    EXPECT_EQ(fused_steps(graph).size(), width == 1024 ? 1u : 0u);
    expect_values(graph, 0);
  }
}

// A part may take the place of a piece that it is made of.
TEST(Join, PartsMayTakeOverPieces) {
  for (const std::int64_t rows : {1, 7, 500}) {
    Graph graph;
    const auto made = [&] {
      return matmul(input(graph, {DType::f64, {rows, 3}}, "x"), input(graph, {DType::f64, {3, 4}}, "w"));
    };
    const Value row = input(graph, {DType::f64, {12}}, "row"),
                x = concat({made(), made(), made()}, {.axis = 1});
    const Value y = relu(x * row);
    for (const std::int64_t begin : {8, 0, 4})
      graph.output(matmul(columns(y, begin, begin + 4), input(graph, {DType::f64, {4, 2}}, "v")), "y");
    EXPECT_EQ(fused_steps(graph), (Lists{{"concat", "mul", "relu", "slice", "slice", "slice"}}));
    expect_values(graph, 1e-12);
  }
}

TEST(Join, WhatIsNoPieceOfRowsStaysApart) {
  const auto steps = [](auto&& make) {
    Graph graph;
    const auto in = [&](Shape shape) { return input(graph, {DType::f32, shape}, "x"); };
    graph.output(make(in), "y");
    expect_values(graph, 1e-6);
    return fused_steps(graph);
  };
  // Made by a step of the same node.
  EXPECT_EQ(steps([](auto in) {
              return concat({exp(in({4, 3})), in({4, 2})}, {.axis = 1}) * in({5});
            }),
            (Lists{{"concat", "mul"}}));
  // Read by another step as well, there for all columns.
  EXPECT_EQ(steps([](auto in) {
              const Value column = in({4, 1});
              return concat({column, in({4, 2})}, {.axis = 1}) * column;
            }),
            (Lists{}));
  EXPECT_EQ(steps([](auto in) {
              return relu(slice(in({4, 9}), {.begin = {0, 0}, .end = {4, 9}, .step = {1, 2}}));
            }),
            (Lists{}));
  EXPECT_EQ(steps([](auto in) {
              return relu(slice(in({4, 9}), {.begin = {1, 2}, .end = {3, 7}}));
            }),
            (Lists{}));
  // The whole of an input: its memory may become the result's.
  EXPECT_EQ(steps([](auto in) { return relu(concat({in({4, 5}), in({4, 0})}, {.axis = 1})); }), (Lists{}));
  // Along the rows, beside what has a number for each column.
  EXPECT_EQ(steps([](auto in) {
              return concat({in({4, 3}), in({2, 3})}, {.axis = 0}) * in({3});
            }),
            (Lists{}));
}

TEST(Join, AnyWidths) {
  for (const DType dtype : {DType::f32, DType::f64}) {
    for (const std::int64_t rows : {1, 5, 300}) {
      for (const std::vector<std::int64_t>& widths : std::vector<std::vector<std::int64_t>>{
               {1, 1}, {3, 0, 1, 12}, {16, 12, 12, 12}, {70, 1, 600}, {1, 5000, 4000}}) {
        if (rows == 300 && widths.back() > 1000) continue;
        Graph graph;
        Values parts;
        std::int64_t all = 0;
        for (const std::int64_t width : widths) {
          parts.push_back(input(graph, {dtype, {rows, width}}, "part"));
          all += width;
        }
        const Value x = concat(parts, {.axis = -1}), row = input(graph, {dtype, {all}}, "row"),
                    wide = input(graph, {dtype, {rows, all + 5}}, "wide"),
                    column = input(graph, {dtype, {rows, 1}}, "column");
        const Value y = relu(x * row) + column;
        graph.output(y, "y");
        graph.output(sum(y * x, {.axes = {0}}), "sums");
        graph.output(columns(wide, 0, all) + y, "first");
        graph.output(columns(wide, 2, all + 2) * y, "middle");
        graph.output(columns(wide, 5, all + 5) - row, "last");
        graph.output(columns(wide, all + 4, all + 5) - column, "one");
        const Value z = y * row;
        graph.output(columns(z, 0, 1), "first part");
        graph.output(columns(z, all / 2, all), "last part");
        for (const int threads : {1, 2}) expect_values(graph, dtype == DType::f32 ? 1e-4 : 1e-12, threads);
      }
    }
  }
}

// Rows of images: the axis is not the last.
TEST(Join, AxesBehindGoAlong) {
  Graph graph;
  const Value a = input(graph, {DType::f32, {3, 2, 4, 5}}, "a"),
              b = input(graph, {DType::f32, {3, 1, 4, 5}}, "b"),
              x = input(graph, {DType::f32, {3, 3, 4, 5}}, "x");
  const Value left = relu(concat({a, b, a}, {.axis = 1})), right = concat({a, x}, {.axis = 1});
  graph.output(left * right, "y");
  graph.output(relu(slice(x, {.begin = {0, 1, 0, 0}, .end = {3, 2, 4, 5}}) + b), "z");
  EXPECT_EQ(fused_steps(graph), (Lists{{"concat", "relu", "concat", "mul"}, {"slice", "add", "relu"}}));
  expect_values(graph, 1e-6);
}

TEST(Join, ADenseBlockKeepsItsGradients) {
  for (const std::int64_t growth : {1, 3, 12}) {
    expect_values(DenseBlock(DType::f64, 40, 4, 5, growth).graph, 1e-8);
    expect_values(DenseBlock(DType::f64, 300, 3, 1, growth).graph, 1e-8, 1);
    expect_values(DenseBlock(DType::f32, 64, 3, 5, growth).graph, 2e-3);
  }
}

TEST(Join, ADenseBlockTakesTheMomentsOfEachPartOnce) {
  const DenseBlock block(DType::f32, 64, 4);
  const Graph plain = cse(expand(block.graph));
  EXPECT_EQ(count(plain, moments_op), 4u);  // of x and of three layers; the fourth is not normalized
  std::set<std::pair<int, int>> whole;
  for (const Node& node : plain.nodes()) {
    if (node.op != &moments_op) continue;
    EXPECT_NE(node.in[0].node().op, &concat_op);
    EXPECT_TRUE(whole.insert({node.in[0].node_id(), node.in[0].output()}).second);
  }
}

TEST(Join, ADenseBlockStoresNoConcatenation) {
  const DenseBlock block(DType::f32, 4096, 8, 16, 12);
  const auto arena = [&](const std::vector<std::string>& disabled) {
    return arena_bytes(*compile(block.graph, {.disabled_passes = disabled}));
  };
  const Graph result = prune(fuse(cse(expand(block.graph)), fuse_rules()));
  ASSERT_GT(count(result, fused_op), 0u);
  for (const Node& node : result.nodes()) EXPECT_FALSE(node.op == &concat_op && node.out[0].bytes() > 4096);
  // Without the expansion, the concatenations are stored from the forward to the backward pass.
  EXPECT_LT(arena({}), arena({"expand"}) * 2 / 3);
}

TEST(Join, LongConcatenationsAreLeftInParts) {
  Graph graph;
  Value y = input(graph, {DType::f32, {2, 1}}, "x");
  const Value x = y;
  for (int i = 0; i < 200; ++i) y = concat({y, x}, {.axis = 1});
  graph.output(y, "y");
  const Graph flat = expand(graph);
  for (const Node& node : flat.nodes()) EXPECT_LE(node.in.size(), 64u);
  expect_values(graph, 0);
}

}  // namespace
}  // namespace gradus
