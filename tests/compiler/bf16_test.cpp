// The bf16 pass: what is rounded, what stays f32, and that the numbers are those of f32 up to the rounding.
#include "compiler/bf16.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "compiler/pass.h"
#include "gradus/compile.h"
#include "gradus/grad.h"
#include "gradus/ops.h"
#include "support/evaluate.h"
#include "support/expect_error.h"

namespace gradus {
namespace {

// Two convolutions with batch norm between them, a shortcut around the second, a product, a loss; and a step
// of gradient descent.
struct Network {
  Graph graph;
  std::vector<Variable> weights;

  Network() {
    const auto weight = [&](const char* name, const Shape& shape) {
      weights.emplace_back(name, Type{DType::f32, shape});
      weights.back().set(random_tensor(weights.back().type(), 7 + weights.size()));
      return read(graph, weights.back());
    };
    const Value x = input(graph, {DType::f32, {8, 3, 10, 10}}, "x"), y = input(graph, {DType::i64, {8}}, "y");
    const Conv2dOptions same{.pad_before = {1, 1}, .pad_after = {1, 1}};
    const Value first = conv2d(x, weight("first", {16, 3, 3, 3}), same);
    const Value scale = weight("scale", {16}), shift = weight("shift", {16});
    const Value body = relu(batch_norm(first, scale, shift, {.axis = 1}).y);
    const Value sum = body + conv2d(body, weight("second", {16, 16, 3, 3}), same);
    const Value logits = matmul(reshape(sum, {8, 1600}), weight("last", {1600, 4}) * 0.01f);
    const Value loss = mean(softmax_cross_entropy(logits, y));
    graph.output(loss, "loss");
    graph.output(logits, "logits");
    const Values found = gradients(loss, weights);
    for (std::size_t i = 0; i < weights.size(); ++i) graph.output(found[i], weights[i].name());
  }

  std::vector<Tensor> run(CompileOptions options) const {
    Session session(compile(graph, options));
    session.feed(0, random_tensor(session.input(0).type(), 1));
    for (std::int64_t i = 0; i < 8; ++i) session.input(1).set(i, static_cast<double>(i % 4));
    session.run();
    std::vector<Tensor> results;
    for (const Tensor& result : session.outputs()) results.push_back(result.clone());
    return results;
  }
};

double distance(const Tensor& a, const Tensor& b) {
  double off = 0, size = 0;
  for (std::int64_t i = 0; i < a.size(); ++i) {
    off += (a.at(i) - b.at(i)) * (a.at(i) - b.at(i));
    size += b.at(i) * b.at(i);
  }
  return std::sqrt(off / size);
}

TEST(Bf16, OnlyContractionsReadIt) {
  const Network network;
  const Graph narrow = to_bf16(prune(network.graph), cast);
  int contractions = 0;
  for (const Node& node : narrow.nodes()) {
    if (node.op->kind == OpDef::contraction) {
      ++contractions;
      for (const Value& in : node.in) EXPECT_EQ(in.dtype(), DType::bf16) << node.where();
    } else if (node.op->name != "cast") {
      for (const Value& in : node.in) EXPECT_NE(in.dtype(), DType::bf16) << node.where();
    }
    if (node.op->name == "conv2d_weight_grad" || node.op->name == "matmul") {
      EXPECT_EQ(node.out[0].dtype, DType::f32);
    }
  }
  EXPECT_EQ(contractions, 8) << "three products forward, five backward";
  ASSERT_EQ(narrow.outputs().size(), network.graph.outputs().size());
  for (std::size_t i = 0; i < narrow.outputs().size(); ++i)
    EXPECT_EQ(narrow.outputs()[i].second.type(), network.graph.outputs()[i].second.type());
}

// What a contraction reads is kept once: the others read the rounded array too.
TEST(Bf16, StoresAnArrayOnce) {
  Graph graph;
  const Value x = relu(input(graph, {DType::f32, {4, 5}}, "x"));
  graph.output(matmul(x, transpose(x)), "product");
  graph.output(x * x, "square");
  const Graph narrow = to_bf16(graph, cast);
  for (const Node& node : narrow.nodes()) {
    if (node.op->name == "transpose") {
      EXPECT_EQ(node.in[0].dtype(), DType::bf16);
    }
    if (node.op->name != "mul") continue;
    EXPECT_EQ(node.in[0].node().op->name, "cast") << node.where();
    EXPECT_EQ(node.in[0].node().in[0].dtype(), DType::bf16) << node.where();
  }
}

// Copies of rounded arrays are made as they are: half the bytes.
TEST(Bf16, IsCopiedAsItIs) {
  Graph graph;
  const Value x = relu(input(graph, {DType::f32, {4, 6}}, "x")),
              y = relu(input(graph, {DType::f32, {4, 6}}, "y"));
  const Value whole = matmul(x, y, {.transpose_b = true}) * 1e-2f + sum(concat({x, y}, {.axis = 1}));
  const Value moved = slice(transpose(concat({x, y}, {.axis = 0})), {.begin = {1, 2}, .end = {5, 7}});
  graph.output(sum(matmul(reshape(moved, {5, 4}), whole)), "y");
  const Graph narrow = to_bf16(graph, cast);
  for (const Node& node : narrow.nodes()) {
    if (node.op->kind != OpDef::movement && node.op->kind != OpDef::view) continue;
    EXPECT_EQ(node.out[0].dtype, DType::bf16) << node.where();
  }
  const auto result = [&](CompileOptions options) {
    options.bf16 = true;
    Session session(compile(graph, options));
    for (std::size_t i = 0; i < 2; ++i) session.feed(i, random_tensor(session.input(i).type(), i));
    session.run();
    return session.output(0).at(0);
  };
  const double expected = result({.kernels = CompileOptions::reference});
  EXPECT_NEAR(result({}), expected, 1e-4 * std::abs(expected));
  EXPECT_NEAR(result({.disabled_passes = {"fuse"}}), expected, 1e-4 * std::abs(expected));
}

TEST(Bf16, OutputsAreNotRounded) {
  Graph graph;
  const Value x = square(input(graph, {DType::f32, {4, 4}}, "x"));
  graph.output(x, "x");
  graph.output(matmul(x, x), "product");
  Session session(compile(graph, {.bf16 = true}));
  session.input(0).fill(1 + 0x1p-9);
  session.run();
  EXPECT_EQ(session.output(0).at(0), 1 + 0x1p-8 + 0x1p-18);
  EXPECT_EQ(session.output(1).at(0), 4 * (1 + 0x1p-7) * (1 + 0x1p-7)) << "its factors are";
}

TEST(Bf16, BothExecutorsAgreeAndComeCloseToF32) {
  const Network network;
  const std::vector<Tensor> exact = network.run({});
  const std::vector<Tensor> fast = network.run({.bf16 = true});
  const std::vector<Tensor> plain = network.run({.kernels = CompileOptions::reference, .bf16 = true});
  const std::vector<Tensor> off = network.run({.disabled_passes = {"bf16"}, .bf16 = true});
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const std::string& name = network.graph.outputs()[i].first;
    EXPECT_LT(distance(fast[i], plain[i]), 5e-3) << name;
    EXPECT_LT(distance(fast[i], exact[i]), 3e-2) << name;
    EXPECT_GT(distance(fast[i], exact[i]), 1e-6) << name << ": nothing was rounded";
    EXPECT_TRUE(off[i].same_bits(exact[i])) << name;
  }
}

TEST(Bf16, IsLookedAtForFaults) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {1, 1, 4, 4}}, "x");
  const Value y = conv2d(x, x).named("overflow");
  graph.output(y * 2, "y");
  Session session(compile(graph, {.bf16 = true}));
  session.input(0).fill(1e30);
  EXPECT_EQ(session.run_checked(), "conv2d 'overflow'");
}

TEST(Bf16, RepeatsItsBits) {
  const Network network;
  const std::vector<Tensor> once = network.run({.threads = 2, .bf16 = true}),
                            again = network.run({.threads = 2, .bf16 = true});
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_TRUE(once[i].same_bits(again[i]));
}

TEST(Bf16, IsRefusedWhereItHasNoMeaning) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {2, 2}}, "x"), narrow = cast(x, DType::bf16);
  expect_error([&] { relu(narrow); }, Fault::model,
               "relu: an input is bf16[2, 2]; this op does not take bf16. cast() to f32.");
  expect_error(
      [&] {
        input(graph, {DType::bf16, {2}}, "y");
      },
      Fault::model, "input: its result would be bf16[2]; this op does not take bf16. cast() to f32.");
  expect_error([&] { gradients(sum(matmul(narrow, narrow)), Values{x}); }, Fault::model,
               "gradients: matmul %2 reads or gives bf16. Differentiate in f32, and compile() with bf16.");
  expect_error([&] { matmul(narrow, x); }, Fault::model,
               "matmul: the inputs differ in element type: bf16[2, 2] and f32[2, 2]. cast() one of them.");
}

}  // namespace
}  // namespace gradus
